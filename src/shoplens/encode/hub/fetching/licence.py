"""What a checkpoint's folder says of its licence."""

import re
from pathlib import Path

UNKNOWN = "unknown: look before you use it"
_FRONT = re.compile(r"\A---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)
_LINE = r"^{}:[ \t]*(\S.*)$"
_LISTED = re.compile(r"^license:[ \t]*\n((?:[ \t]*-[ \t]*\S.*\n?)+)", re.MULTILINE)
_MOST_BYTES = 1_000_000


def licence_of(folder: Path) -> str:
    """Read the model card's front matter, else the first line of a LICENSE file."""
    front = _FRONT.match(_text(folder / "README.md"))
    if front and (found := _of_card(front.group(1))):
        return found
    for name in ("LICENSE", "LICENSE.txt", "LICENSE.md"):
        lines = [line.strip(" #*") for line in _text(folder / name).splitlines()]
        if first := next(filter(None, lines), ""):
            return f"{first[:100]} (see its file {name})"
    return UNKNOWN


def _of_card(front: str) -> str:
    listed = _LISTED.search(front)
    if listed:
        return ", ".join(line.strip(" \t-'\"") for line in listed.group(1).splitlines())
    licence, name, link = (
        _value(front, key) for key in ("license", "license_name", "license_link")
    )
    told = name if licence in {"", "other"} and name else licence
    return f"{told} ({link})" if told and link.startswith("https://") else told


def _value(front: str, key: str) -> str:
    found = re.search(_LINE.format(key), front, re.MULTILINE)
    return found.group(1).strip(" \t'\"")[:200] if found else ""


def _text(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(_MOST_BYTES).decode("utf-8", "replace").replace("\r\n", "\n")
