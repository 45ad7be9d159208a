import dataclasses
import json
from pathlib import Path
from typing import Any, cast, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tiny_added
from shoplens.encode.added.manifest import (
    FILE,
    Manifest,
    check_sizes,
    entry_of,
    hash_of,
    read_manifest,
    verify_files,
)
from shoplens.errors import MismatchError, NotFoundError


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``model.json`` of a good model holds."""
    return json.loads(tiny_added.write(tmp_path_factory.mktemp("tiny")).to_json())


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    manifest = tiny_added.write(tmp_path, words=True)
    assert read_manifest(tmp_path) == manifest
    alone = tiny_added.write(tmp_path / "alone", words=False, precision="int8")
    assert Manifest.from_json(alone.to_json()) == alone
    assert alone.text is None


def test_what_may_be_left_out_may_be_left_out(whole: dict[str, Any]) -> None:
    told = {key: value for key, value in whole.items() if key not in {"parity", "note"}}
    told["picture"] = {**told["picture"]}
    del told["picture"]["resize"]["middle"], told["picture"]["batch"]
    manifest = Manifest.from_json(json.dumps(told))
    assert (manifest.parity, manifest.picture.batch) == (None, 32)
    assert manifest.picture.resize.middle == "floor"


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["../x", "a/b", "", "{}", "{}{}", "a" * 200, 10**400, -1, 0, 1, [], {}, [{}]]),
    st.lists(st.integers() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)


def places(told: object, before: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Name every value of nested JSON by the keys that lead to it."""
    inside: list[tuple[str | int, Any]] = []
    if isinstance(told, dict):
        inside = list(told.items())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    elif isinstance(told, list):
        inside = list(enumerate(told))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return [
        *([before] if before else []),
        *(place for key, value in inside for place in places(value, (*before, key))),
    ]


def assert_typed(kind: Any, value: Any) -> None:
    """Look whether a value is of its declared type, however deep."""
    origin, inside = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind):
        assert type(value) is kind
        for name, hint in get_type_hints(kind).items():
            assert_typed(hint, getattr(value, name))
    elif origin is tuple:
        assert type(value) is tuple
        for each in cast("tuple[object, ...]", value):
            assert_typed(inside[0], each)
    elif type(None) in inside:
        if value is not None:
            assert_typed(inside[0], value)
    elif origin is not None:
        assert value in inside
    else:
        assert type(value) is kind


@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_no_changed_field_ends_in_another_error_or_in_wrong_types(
    whole: dict[str, Any], data: st.DataObject
) -> None:
    told = json.loads(json.dumps(whole))
    for place in data.draw(st.lists(st.sampled_from(places(whole)), min_size=1, max_size=2)):
        inside = told
        try:
            for key in place[:-1]:
                inside = inside[key]
            if data.draw(st.booleans(), "delete"):
                del inside[place[-1]]
            else:
                inside[place[-1]] = data.draw(VALUES)
        except (KeyError, IndexError, TypeError):
            continue  # the first change took away where the second would have been
    try:
        manifest = Manifest.from_json(json.dumps(told))
    except MismatchError:
        pass
    else:
        assert_typed(Manifest, manifest)
        names = [manifest.name, *(entry.name for entry in manifest.files)]
        assert not [name for name in names if "/" in name or "\\" in name or name.startswith(".")]
        assert Manifest.from_json(manifest.to_json()) == manifest


@settings(max_examples=200)
@given(text=st.text(max_size=30) | st.from_regex(r'[\[{"0-9:,\]}]{0,20}'))
def test_no_text_ends_in_another_error(text: str) -> None:
    with pytest.raises(MismatchError, match=FILE):
        Manifest.from_json(text)


@pytest.mark.parametrize("text", ["[" * 100_000, "1" * 10_000, '{"format": 1, "format": 1}'])
def test_json_that_breaks_readers_is_refused(text: str) -> None:
    with pytest.raises(MismatchError):
        Manifest.from_json(text)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("format",), 2, "another version of Shoplens"),
        (("dim",), "8", "dim is '8', wanted is a whole number"),
        (("dim",), True, "dim is True, wanted is a whole number"),
        (("dim",), 10**400, "more than 100,000"),
        (("precision",), "fp16", "wanted is 'fp32' or 'int8'"),
        (
            ("picture", "resize", "filter"),
            "magic",
            "filter is 'magic', wanted is 'nearest'",
        ),
        (("picture", "resize", "short_px"), 31, "cuts 32 px out of 31"),
        (("picture", "resize", "fill"), 256, "fills with 256"),
        (("picture", "selftest", "tolerance"), float("nan"), "tolerance is nan"),
        (("picture", "selftest", "embedding"), [], "no self-test of pictures"),
        (("picture", "selftest", "embedding", 0), None, r"embedding\[0\] is None"),
        (("picture", "file"), "other.onnx", "uses other.onnx and lists no such file"),
        (("text", "templates"), [], "a template without"),
        (("text", "templates"), ["{} {}"], "a template without"),
        (("text", "whole"), 1, "wanted is true or false"),
        (("text", "gain"), 0, "a gain of 0"),
        (("text", "pad"), -1, "pads with less than 0"),
        (("text", "context"), 10**9, "more than 100,000 tokens"),
        (("files", 0, "name"), "../picture.onnx", "wanted is a plain file name"),
        (("files", 0, "sha256"), "abc", "without its SHA-256"),
        (("files", 0, "bytes"), 0, "a file of no size"),
        (("name",), ".", "wanted is a plain file name"),
        (("colour",), "red", "tells of 'colour', which nobody knows"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, place: tuple[str | int, ...], value: object, message: str
) -> None:
    tiny_added.write(tmp_path)
    tiny_added.change(tmp_path, *place, value=value)
    with pytest.raises(MismatchError, match=message):
        read_manifest(tmp_path)


@pytest.mark.parametrize("name", ["picture.onnx", "Picture.ONNX", FILE])
def test_a_file_that_is_listed_twice_is_refused(tmp_path: Path, name: str) -> None:
    told = json.loads(tiny_added.write(tmp_path).to_json())
    told["files"].append({**told["files"][0], "name": name})
    with pytest.raises(MismatchError, match=f"lists a file twice, or {FILE} itself"):
        Manifest.from_json(json.dumps(told))


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    told = json.loads(tiny_added.write(tmp_path).to_json())
    del told["licence"]
    with pytest.raises(MismatchError, match="tells nothing of 'licence'"):
        Manifest.from_json(json.dumps(told))


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=f"has no {FILE}"):
        read_manifest(tmp_path)
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(MismatchError, match="cannot be read"):
        read_manifest(tmp_path)


def test_good_files_are_passed(tmp_path: Path) -> None:
    manifest = tiny_added.write(tmp_path)
    check_sizes(tmp_path, manifest)
    verify_files(tmp_path, manifest)
    assert manifest.entry("text.onnx") == entry_of(tmp_path / "text.onnx")
    with pytest.raises(MismatchError, match=r"lists no file 'x\.onnx'"):
        manifest.entry("x.onnx")


@pytest.mark.parametrize("check", [check_sizes, verify_files])
def test_a_file_that_was_cut_or_is_gone_is_named(tmp_path: Path, check: Any) -> None:
    manifest = tiny_added.write(tmp_path)
    path = tmp_path / "text.onnx"
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(MismatchError, match=rf"text\.onnx has {size - 1:,} bytes where {size:,}"):
        check(tmp_path, manifest)
    path.unlink()
    with pytest.raises(MismatchError, match=r"lacks its file .*text\.onnx"):
        check(tmp_path, manifest)


def test_a_flipped_bit_is_found_by_the_hash(tmp_path: Path) -> None:
    manifest = tiny_added.write(tmp_path)
    path = tmp_path / "tokenizer.json"
    content = bytearray(path.read_bytes())
    content[50] ^= 1
    path.write_bytes(content)
    check_sizes(tmp_path, manifest)
    with pytest.raises(
        MismatchError, match=rf"tokenizer\.json has the SHA-256 {hash_of(path)[:16]}"
    ):
        verify_files(tmp_path, manifest)
