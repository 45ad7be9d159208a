"""The words' tower of an added model: words become questions to its pictures."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from jaxtyping import Float32

from shoplens.encode.added.manifest import AGAIN, Manifest, TextPart
from shoplens.encode.added.tokens import Tokens
from shoplens.encode.runtime.batching import Runs
from shoplens.encode.runtime.session import REFUSALS
from shoplens.errors import MismatchError
from shoplens.types import Embeddings


class AddedWords:
    """``Asks``: a text is put into every template, and the mean of what comes out is asked.

    Its network is opened when the first text comes, once, however many ask at the same time.
    """

    def __init__(
        self, manifest: Manifest, part: TextPart, tokens: Tokens, opener: Callable[[], Runs]
    ) -> None:
        self._name = manifest.name
        self._part = part
        self._tokens = tokens
        self._opener = opener
        self._lock = Lock()
        self._network: Runs | None = None
        self.dim = manifest.dim
        named = [e.sha256 for e in manifest.files if e.name.startswith((part.file, part.tokenizer))]
        told = (sorted(named), part.context, part.pad, part.whole, part.mask)
        asked = f"{told} {part.templates} {part.gain} {manifest.dim}"
        self.fingerprint = hashlib.sha256(asked.encode()).hexdigest()[:16]

    def open(self) -> Runs:
        """Open the network now, unless it is open (MismatchError: it is damaged; tried again)."""
        with self._lock:
            if self._network is None:
                self._network = self._opener()
            return self._network

    def ask(self, texts: Sequence[str], embeddings: Embeddings) -> Float32[np.ndarray, "n p"]:
        """Give the mean over the templates, of the length ``gain``.

        Raises:
            MismatchError: the network or the tokenizer is damaged, or memory ran out.
        """
        del embeddings  # they are of another encoder, which compares texts with texts
        return self.encode(texts) * np.float32(self._part.gain)

    def encode(self, texts: Sequence[str]) -> Embeddings:
        """Give the same at unit length."""
        if not texts:
            return np.empty((0, self.dim), np.float32)
        templates = self._part.templates
        said = [template.replace("{}", text) for text in texts for template in templates]
        rows = embed(self.open(), self._tokens, self._part, said)
        mean = unit(rows).reshape(len(texts), len(templates), -1).mean(axis=1)
        return unit(mean)


def open_words(
    folder: Path, manifest: Manifest, opener: Callable[[Callable[[Runs], np.ndarray]], Runs]
) -> AddedWords:
    """Read the tokenizer of a model that knows words; its network is opened when it is asked.

    ``opener`` is given how the self-test is computed.

    Raises:
        MismatchError: the tokenizer is damaged, or the model knows no words.
    """
    part = manifest.text
    if part is None:
        raise MismatchError(f"model {manifest.name!r} knows pictures only")
    tokens = Tokens(folder / part.tokenizer, part)
    asked = [part.selftest.asked]
    return AddedWords(
        manifest, part, tokens, lambda: opener(lambda network: embed(network, tokens, part, asked))
    )


def embed(network: Runs, tokens: Tokens, part: TextPart, texts: Sequence[str]) -> Embeddings:
    """Run the network on texts as they are, without templates.

    Raises:
        MismatchError: it cannot compute them: memory ran out, or a device went away.
    """
    made: list[Embeddings] = []
    for start in range(0, len(texts), part.batch):
        ids, mask = tokens(texts[start : start + part.batch])
        feed = {"ids": ids, "mask": mask} if part.mask else {"ids": ids}
        try:
            made.append(network.run("embedding", feed).astype(np.float32, copy=False))
        except (*REFUSALS, MemoryError) as error:
            raise MismatchError(
                f"{part.file} cannot compute a text ({error}); if memory is short, take a smaller "
                f"model or other inference.providers, else {AGAIN}"
            ) from error
    return np.concatenate(made)


def unit(rows: Embeddings) -> Embeddings:
    """Bring rows to unit length."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
