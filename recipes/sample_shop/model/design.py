"""What a kind, a group of variants and a variant are, before anything is modelled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Form = Mapping[str, Any]
Paint = Mapping[str, str]
"""Role of a part, such as ``body``, to a colour written as ``#rrggbb`` (sRGB)."""


@dataclass(frozen=True, slots=True)
class Words:
    """The same in English and in simplified Chinese."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One colour of a group; ``colour`` is what a shop would write, ``paint`` what is rendered."""

    colour: Words
    paint: Paint
    family: str
    """The plain name of the main colour: red, orange, yellow, green, blue, purple, pink, brown,
    black, white, grey, beige, gold, silver, clear or multicolour."""


@dataclass(frozen=True, slots=True)
class Group:
    """Products of one shape that differ in colour; ``title`` names neither colour nor brand."""

    group_id: str
    brand: str
    title: Words
    description: Words
    material: Words
    price_usd: str
    variants: Sequence[Variant]
    form: Form = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of product and how to model it.

    ``build(form, paint)`` makes mesh objects in metres, standing on z = 0 around the z axis with
    the front towards -y (a hanging thing hangs down from z = 0), and returns them.
    """

    name: Words
    category: Sequence[Words]
    """From broad to narrow, the kind last."""
    stands: Literal["table", "floor", "hangs"]
    groups: Sequence[Group]
    build: Callable[[Form, Paint], Sequence[Any]]
    sides: Sequence[float] = (25.0, -40.0, 155.0)
    """Turns of the product for its catalogue pictures, degrees about z: from the front, the side
    and the back."""
    height_deg: float = 14.0
    """How far above the product the catalogue's camera stands."""
    detachable: Sequence[str] = ()
    """Names of parts that may be missing in a defective product (prefixes of object names)."""
