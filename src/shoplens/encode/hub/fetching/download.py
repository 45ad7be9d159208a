"""Files of a repository on the hub come down: those needed, of one commit, resumed where cut off.

They are kept where the hub's own client keeps them (HF_HOME), whose environment variables count:
HF_TOKEN, HF_HUB_OFFLINE, HF_ENDPOINT.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import huggingface_hub
from huggingface_hub import errors

from shoplens.encode.hub.fetching.files import SMALL, loader_of, weights_of
from shoplens.encode.hub.known import Known, Loader
from shoplens.errors import MismatchError, NotFoundError, StorageError

Progress = Callable[[str, int, int], None]
# Untyped in parts, pyright is told once.
_HUB: Any = huggingface_hub
_UNREACHABLE: tuple[type[Exception], ...] = (
    errors.HfHubHTTPError.__bases__[0],  # the root of the client's HTTP library, httpx or httpx2
    errors.OfflineModeIsEnabled,
    errors.LocalEntryNotFoundError,
    errors.FileMetadataError,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A repository, as asked for; ``revision`` is a branch, a tag or a commit."""

    repo: str
    revision: str
    known: Known | None
    name: str
    """What the model will be called here, for commands in messages."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Where the files lie now, of which commit they are, and what reads them."""

    folder: Path
    commit: str
    loader: Loader


def fetch(wanted: Wanted, progress: Progress) -> Fetched:
    """Bring the files of a repository here; what is here already is not fetched again.

    Raises:
        NotFoundError: there is no such repository or revision, or the hub cannot be reached and the
            files are not here; the message lists what to fetch by other means.
        MismatchError: nothing here reads such a model, or its owner asks for consent first.
        StorageError: the disk is full.
    """
    try:
        return _fetch(wanted, progress)
    except errors.HfHubHTTPError as error:
        raise _refused(wanted, error) from error
    except _UNREACHABLE as error:
        here = _already_here(wanted)
        if here:
            return here
        raise NotFoundError(_by_hand(wanted, _reach(error))) from error
    except errors.HFValidationError as error:
        raise NotFoundError(
            f"{wanted.repo!r} is no name of a repository; wanted is hf:owner/name"
        ) from error
    except OSError as error:
        raise StorageError(f"the files of {wanted.repo} could not be written: {error}") from error


def _fetch(wanted: Wanted, progress: Progress) -> Fetched:
    told: Any = _HUB.HfApi().model_info(
        wanted.repo, revision=wanted.revision or None, files_metadata=True
    )
    sizes = {str(each.rfilename): int(each.size or 0) for each in told.siblings or ()}
    small = [each for each in SMALL if each in sizes]
    # The first by the name that was asked for: by it the client finds the commit when offline.
    fetcher = _Fetcher(wanted.repo, str(told.sha), sizes, progress)
    for place, each in enumerate(small):
        fetcher.get(each, wanted.revision or "main" if place == 0 else "")
    config = fetcher.folder / "config.json"
    text = config.read_text("utf-8") if "config.json" in sizes else ""
    loader = wanted.known.loader if wanted.known else loader_of(sizes, text)
    for each in weights_of(sizes, loader):
        fetcher.get(each)
    return Fetched(fetcher.folder, fetcher.commit, loader)


class _Fetcher:
    """Fetches file by file and tells how many bytes are here, of all asked for so far."""

    def __init__(
        self, repo: str, commit: str, sizes: Mapping[str, int], progress: Progress
    ) -> None:
        self.commit = commit
        self.folder = Path()
        self._repo, self._sizes, self._progress = repo, sizes, progress
        self._done = 0

    def get(self, name: str, revision: str = "") -> None:
        """Fetch one file and remember the folder of all."""
        size = self._sizes[name]

        def tell(more: int) -> None:
            self._progress(f"fetch {name}", min(more, size), size)

        tell(0)
        got = _HUB.hf_hub_download(
            self._repo, name, revision=revision or self.commit, tqdm_class=_bar(tell)
        )
        self.folder = Path(got).parents[name.count("/")]
        tell(size)


def _bar(tell: Callable[[int], None]) -> type:
    """Make what the client takes for a class of progress bars; it draws nothing."""

    class Bar:
        def __init__(self, *_: object, **told: object) -> None:
            self.total = told.get("total")
            self.n = int(str(told.get("initial") or 0))

        def __enter__(self) -> object:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def update(self, more: float | None = 1) -> None:
            self.n += int(more or 0)
            tell(self.n)

        def nothing(self, *_: object, **__: object) -> None:
            """Be told of speed and of closing."""

        close = refresh = update_transfer = nothing
        set_postfix_str = set_transfer_postfix_str = set_description = nothing

    return Bar


def _already_here(wanted: Wanted) -> Fetched | None:
    """Find what an earlier run fetched, whole or not; what lacks is told by whoever opens it."""
    try:
        got = _HUB.snapshot_download(
            wanted.repo,
            revision=wanted.revision or None,
            local_files_only=True,
            allow_patterns=["README.md"],
        )
    except (errors.LocalEntryNotFoundError, errors.HFValidationError):
        return None
    folder = Path(got)
    names = [each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()]
    config = folder / "config.json"
    text = config.read_text("utf-8") if config.is_file() else ""
    loader = wanted.known.loader if wanted.known else loader_of(names, text)
    return Fetched(folder, folder.name, loader) if weights_of(names, loader) else None


def _refused(wanted: Wanted, error: errors.HfHubHTTPError) -> Exception:
    """Put an answer of the hub into words; the most special kinds come first."""
    if isinstance(error, errors.GatedRepoError):
        return MismatchError(
            f"the owner of {wanted.repo} asks for consent first: sign in and accept the terms on "
            f"https://huggingface.co/{wanted.repo}, make a token that may read on "
            "https://huggingface.co/settings/tokens, and set it as HF_TOKEN"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return NotFoundError(
            f"{wanted.repo} has no revision {wanted.revision!r}; leave '@{wanted.revision}' away "
            "for its newest"
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return NotFoundError(
            f"the hub shows no repository {wanted.repo}: look how it is spelled, or set HF_TOKEN "
            "if it is a private one"
        )
    return NotFoundError(_by_hand(wanted, f"the hub answered {_line(error)}"))


def _reach(error: Exception) -> str:
    if isinstance(error, errors.OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE forbids to ask the hub, and its files are not here"
    return f"the hub cannot be reached ({_line(error)}), and its files are not here"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _by_hand(wanted: Wanted, why: str) -> str:
    """Say which files to fetch by other means, and what to do then."""
    known = wanted.known
    names: Sequence[str] = known.files if known else ()
    place = f"https://huggingface.co/{wanted.repo}/resolve/{wanted.revision or 'main'}/"
    listed = "\n".join(f"  {place}{each}" for each in names or _USUAL)
    size = f" (about {known.download_mb:,.0f} MB)" if known and known.download_mb else ""
    those = f"these files{size}" if names else "these files, as far as it has them,"
    slashed = ", those with a folder in their name into that folder" * any("/" in n for n in names)
    gated = f" (accept its terms on https://huggingface.co/{wanted.repo} first)" * bool(
        known and known.gated
    )
    return (
        f"{wanted.repo}: {why}. On a machine with access{gated} fetch {those} into one folder "
        f"called {wanted.name}{slashed}:\n{listed}\nthen: shoplens models add {wanted.name}/"
    )


_USUAL = (
    "config.json",
    "preprocessor_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "README.md",
    "open_clip_config.json",
    "open_clip_model.safetensors",
)
