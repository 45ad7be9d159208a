"""Embeddings that need no picture: kept from before, or derived from those of another tower."""

from collections.abc import Sequence

import numpy as np

from shoplens.encode.base import Derived
from shoplens.indexing.workbench import Workbench
from shoplens.types import Embedding


def is_any_kept(bench: Workbench) -> bool:
    """Tell whether looking for embeddings can find any."""
    tower = bench.encoder.picture
    sources = [tower.fingerprint, *([tower.derives_from] if isinstance(tower, Derived) else [])]
    return any(bench.catalogue.embeddings.count(fingerprint) for fingerprint in sources)


def embeddings_kept(
    bench: Workbench, image_hashes: Sequence[str]
) -> tuple[dict[str, Embedding], frozenset[str]]:
    """Give the embeddings of images that need not be opened, and which were derived just now.

    What is derived is kept: the next time it is found as if it had been encoded.
    """
    tower, cache = bench.encoder.picture, bench.catalogue.embeddings
    found = cache.get(image_hashes, tower.fingerprint)
    lacking = [one for one in dict.fromkeys(image_hashes) if one not in found]
    if not lacking or not isinstance(tower, Derived):
        return found, frozenset()
    others = cache.get(lacking, tower.derives_from)
    if not others:
        return found, frozenset()
    rows = tower.derive(np.stack(list(others.values())))
    derived = dict(zip(others, rows, strict=True))
    cache.put(derived, fingerprint=tower.fingerprint, now=bench.now())
    return found | derived, frozenset(derived)
