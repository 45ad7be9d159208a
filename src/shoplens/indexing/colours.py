"""A picture's colours, kept by its content, become a field and the main row's vector."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32

from shoplens.encode.colours.dominant import Dominant, dominant
from shoplens.encode.colours.lab import Lab
from shoplens.encode.colours.names import name_of
from shoplens.types import Pixels

FINGERPRINT = "colours-1"
"""Names these colours in the cache of embeddings; to be changed when ``dominant`` is."""

Colours = Float32[np.ndarray, " _"]
"""L, a, b and share of each colour, one after another, the largest share first."""


def colours_of(picture: Pixels) -> Colours:
    """Find a picture's colours, as the cache keeps them."""
    rows = [(d.lab.lightness, d.lab.a, d.lab.b, d.share) for d in dominant(picture)]
    return np.array(rows, np.float32).ravel()


def dominants_of(colours: Colours) -> tuple[Dominant, ...]:
    """Read them again; those just found and those from the cache are the same."""
    labs = [(Lab.of_row(row[:3]), float(row[3])) for row in colours.reshape(-1, 4)]
    return tuple(Dominant(lab, share, name_of(lab)) for lab, share in labs)


def first_of(found: Sequence[Colours | None]) -> tuple[Dominant, ...]:
    """Take those of the first image that has any: the main one, unless it cannot be read."""
    return next((dominants_of(colours) for colours in found if colours is not None), ())
