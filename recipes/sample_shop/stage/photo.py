"""Photos of products in everyday places: one product asked for, or a scene of several."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from PIL import Image, ImageFilter

from sample_shop.model.design import Group, Kind, Variant
from sample_shop.stage import props
from sample_shop.stage.places import FLOORS, TABLES, Place, build_place, scatter
from sample_shop.stage.studio import camera, empty_stage, extent, gathered, seen_box, shoot
from sample_shop.stage.truth import box_of, numbered, visible_share


@dataclass(frozen=True, slots=True)
class Product:
    """One product of the shop and where it comes from."""

    product_id: str
    kind: Kind
    group: Group
    variant: Variant


@dataclass(frozen=True, slots=True)
class Seen:
    """One product in a picture: its box in pixels (left, top, right, bottom), and its number."""

    product_id: str
    number: int
    box: tuple[int, int, int, int]
    visible: float


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture and its truth; ``numbers`` is (h, w) uint8 and tells whose each pixel is."""

    picture: Image.Image
    numbers: np.ndarray
    seen: Sequence[Seen]
    place: str


Standing = tuple[Product, Sequence[bpy.types.Object], float]
"""A product, its parts, its radius on the ground in metres."""


def query_photo(
    product: Product, rng: np.random.Generator, path: Path, samples: int, *, hidden: bool = False
) -> Photo:
    """Photograph one product as a visitor would: another place, light and side.

    Arranged anew until enough of the product is seen; if ``hidden``, until a part of it is not.
    """
    bounds = (0.5, 0.88) if hidden else (0.45, 1.0)
    return _tried(lambda: _one(product, rng, samples, hidden=hidden), bounds, rng, path)


def scene_photo(
    products: Sequence[Product], rng: np.random.Generator, path: Path, samples: int
) -> Photo:
    """Photograph two to eight products together, arranged anew until a part of each is seen."""
    return _tried(lambda: _several(products, rng, samples), (0.15, 1.0), rng, path)


def _tried(
    arrange: Callable[[], tuple[Sequence[Standing], str]],
    visible: tuple[float, float],
    rng: np.random.Generator,
    path: Path,
) -> Photo:
    for _ in range(12):
        standing, place = arrange()
        numbers, seen = _looked_at(standing, path.with_suffix(".truth.png"))
        low, high = visible
        if len(seen) == len(standing) and low <= min(one.visible for one in seen) <= high:
            break
    return Photo(developed(shoot(path), rng), numbers, seen, place)


def _one(
    product: Product, rng: np.random.Generator, samples: int, *, hidden: bool
) -> tuple[Sequence[Standing], str]:
    empty_stage(samples, 1)
    bpy.context.scene.render.resolution_x = 384
    bpy.context.scene.render.resolution_y = 512
    standing = _stand(product, turn_deg=float(rng.uniform(-75, 75)))
    place, scale = _somewhere(product.kind, standing, rng)
    build_place(place, scale, rng)
    _hang_up(product.kind, standing, scale)
    eye = _aim([standing], rng, share=(0.42, 0.8), rise_deg=_rise(product.kind, rng))
    _surround(standing, eye, scale, rng, hide=rng.random() < 0.35)
    if hidden:
        _stand_before(standing, eye, rng)
    return [standing], place.name


def _several(
    products: Sequence[Product], rng: np.random.Generator, samples: int
) -> tuple[Sequence[Standing], str]:
    empty_stage(samples, 1)
    bpy.context.scene.render.resolution_x = 640
    bpy.context.scene.render.resolution_y = 480
    standing = [_stand(p, turn_deg=float(rng.uniform(-60, 60))) for p in products]
    reach = max(radius for _, _, radius in standing)
    on_floor = products[0].kind.stands == "floor"
    places = FLOORS if on_floor else TABLES
    place = places[int(rng.integers(len(places)))]
    spread = _spread(standing, rng)
    build_place(place, max(4.0 if on_floor else 1.0, reach * 4) + 0.6 * spread, rng)
    _aim(standing, rng, share=(0.8, 0.95), rise_deg=float(rng.uniform(14, 34)))
    return standing, place.name


def _stand(product: Product, turn_deg: float) -> Standing:
    parts = product.kind.build(product.group.form, product.variant.paint)
    root = gathered(parts, product.product_id)
    root.rotation_euler = (0, 0, math.radians(turn_deg))
    low, high = extent(parts)
    root.location = (0, 0, -float(low[2]))
    bpy.context.view_layer.update()
    radius = float(np.hypot(*np.maximum(np.abs(low[:2]), np.abs(high[:2]))))
    return product, parts, radius


def _somewhere(kind: Kind, standing: Standing, rng: np.random.Generator) -> tuple[Place, float]:
    low, high = extent(standing[1])
    size = float(np.linalg.norm(high - low))
    places = FLOORS if kind.stands != "table" else TABLES
    return places[int(rng.integers(len(places)))], max(size * 2.4, 0.7)


def _hang_up(kind: Kind, standing: Standing, scale: float) -> None:
    """Lift a hanging thing to where rooms have them."""
    if kind.stands == "hangs":
        standing[1][0].parent.location.z += 0.45 * scale
        bpy.context.view_layer.update()


def _rise(kind: Kind, rng: np.random.Generator) -> float:
    low, high = {"table": (6, 40), "floor": (5, 26), "hangs": (-14, 8)}[kind.stands]
    return float(rng.uniform(low, high))


def _spread(standing: Sequence[Standing], rng: np.random.Generator) -> float:
    """Put products beside each other without touching, tall ones behind; how far they reach."""
    order = sorted(standing, key=lambda one: -float(extent(one[1])[1][2]))
    put: list[tuple[float, float, float]] = []
    field = math.sqrt(sum(radius**2 for _, _, radius in standing)) * 0.78
    for rank, (_, parts, radius) in enumerate(order):
        depth = field * (0.6 - 1.2 * rank / max(len(order) - 1, 1)) * 0.55
        for attempt in range(400):
            wide = field * (0.9 + attempt / 150)
            x = float(rng.uniform(-wide, wide))
            y = depth + float(rng.uniform(-0.2, 0.2)) * field
            if all(math.hypot(x - a, y - b) > 0.86 * (radius + r) for a, b, r in put):
                break
        put.append((x, y, radius))
        parts[0].parent.location.x += x
        parts[0].parent.location.y += y
    bpy.context.view_layer.update()
    return field


def _aim(standing: Sequence[Standing], rng: np.random.Generator, share: tuple[float, float],
         rise_deg: float) -> bpy.types.Object:  # fmt: skip
    """Hold a phone's camera so that the products fill a share of the frame."""
    points = np.concatenate([_some_points(part) for _, parts, _ in standing for part in parts])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    size = float(np.linalg.norm(points.max(axis=0) - points.min(axis=0)))
    turn, rise = math.radians(rng.uniform(-28, 28)), math.radians(rise_deg)
    away = np.array(
        [math.sin(turn) * math.cos(rise), -math.cos(turn) * math.cos(rise), math.sin(rise)]
    )
    lens = float(rng.uniform(32, 55))
    distance = size * lens / 24
    aim = middle + rng.uniform(-0.05, 0.05, 3) * size
    eye = camera(middle + away * distance, aim, lens, float(rng.uniform(-6, 6)),
                 float(rng.uniform(3, 9)) * max(0.25, 0.4 / size))  # fmt: skip
    every = [part for _, parts, _ in standing for part in parts]
    left, bottom, right, top = seen_box(every)
    zoom = float(rng.uniform(*share)) / max(right - left, top - bottom)
    eye.data.lens *= zoom
    tall = bpy.context.scene.render.resolution_y / bpy.context.scene.render.resolution_x
    longest, room = max(1.0, tall), 1.0 - share[1]
    eye.data.shift_x = ((left + right) / 2 - 0.5) * zoom * min(1 / tall, 1) + rng.uniform(
        -0.6, 0.6
    ) * room
    eye.data.shift_y = ((bottom + top) / 2 - 0.5) * zoom * tall / longest + rng.uniform(
        -0.6, 0.6
    ) * room
    return eye


def _some_points(part: bpy.types.Object) -> np.ndarray:
    vertices = part.data.vertices
    some = range(0, len(vertices), max(len(vertices) // 300, 1))
    return np.array([part.matrix_world @ vertices[k].co for k in some])


def _surround(standing: Standing, eye: bpy.types.Object, scale: float, rng: np.random.Generator,
              *, hide: bool) -> None:  # fmt: skip
    """Stand props beside and behind; one in front if the product is to be partly hidden."""
    product, _, radius = standing
    if product.kind.stands == "hangs":
        return
    size = 1.0 if product.kind.stands == "table" else 2.4
    gap = radius + 0.14 * size
    spots = []
    for _ in range(int(rng.integers(1, 4))):
        angle = rng.uniform(-0.5, math.pi + 0.5)
        far = gap * rng.uniform(1.1, 1.9)
        y = min(far * math.sin(angle), 0.3 * scale)
        spots.append((far * math.cos(angle), y))
    if hide:
        towards = np.array(eye.location[:2]) / max(float(np.hypot(*eye.location[:2])), 1e-6)
        across = np.array([-towards[1], towards[0]]) * rng.choice([-1, 1])
        spot = towards * (radius + 0.1 * size) + across * radius * rng.uniform(0.55, 1.0)
        spots.append((float(spot[0]), float(spot[1])))
    scatter(spots, min(size, max(0.8, radius * 4)), rng, low=hide)


def _stand_before(standing: Standing, eye: bpy.types.Object, rng: np.random.Generator) -> None:
    """Put a prop, about half as high as the product, between it and the camera."""
    low, high = extent(standing[1])
    height, width = float(high[2] - low[2]), float(max(high[:2] - low[:2]))
    towards = np.array(eye.location[:2]) / max(float(np.hypot(*eye.location[:2])), 1e-6)
    across = np.array([-towards[1], towards[0]]) * rng.choice([-1, 1])
    parts = (props.books, props.parcel, props.pencils)[int(rng.integers(3))](rng)
    own_low, own_high = extent(parts)
    size = height * rng.uniform(0.35, 0.7) / float(own_high[2] - own_low[2])
    size = min(size, 1.3 * width / float(max(own_high[:2] - own_low[:2])))
    reach = standing[2] + 0.6 * size * float(max(own_high[:2] - own_low[:2]))
    root = gathered(parts, "before")
    root.scale = (size,) * 3
    root.location = (*(towards * reach + across * width * rng.uniform(0.1, 0.5)), 0)
    root.rotation_euler = (0, 0, math.radians(float(rng.uniform(0, 360))))


def _looked_at(standing: Sequence[Standing], path: Path) -> tuple[np.ndarray, list[Seen]]:
    products = {number: parts for number, (_, parts, _) in enumerate(standing, 1)}
    numbers = numbered(products, path)
    shares = visible_share(products, numbers, path)
    seen = []
    for number, (product, _, _) in enumerate(standing, 1):
        box = box_of(numbers == number)
        if box:
            seen.append(Seen(product.product_id, number, box, round(shares[number], 3)))
    return numbers, seen


def developed(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Take the photo with a phone: some blur, a white balance that is off, and noise."""
    soft = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 0.7))))
    levels = np.asarray(soft, np.float32)
    tint = 1 + rng.normal(0, 0.025, 3)
    noise = rng.normal(0, rng.uniform(0.6, 2.8), levels.shape[:2])
    grain = noise[..., None] + rng.normal(0, 0.8, levels.shape)
    return Image.fromarray((levels * tint + grain).clip(0, 255).astype(np.uint8))
