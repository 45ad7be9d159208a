"""A network learns to see as a teacher does, from pictures without any label."""

import numpy as np

from shoplens.encode.base import PictureTower
from shoplens.errors import ConfigError
from shoplens.indexing.workbench import Progress
from shoplens.learn.material import Material, read_material
from shoplens.learn.recipe import Recipe
from shoplens.learn.shop import Shop
from shoplens.types import Embeddings


def taught(shop: Shop, recipe: Recipe, material: Material, progress: Progress) -> Embeddings:
    """Give each picture's embedding by the teacher, its target (Hinton et al., 2015).

    Where the two have other dimensions, likenesses between pictures are learnt instead (Park et
    al., 2019). A picture that the teacher cannot open any more has none.

    Raises:
        ConfigError: no teacher is named, or it is the pupil itself.
    """
    teacher = teacher_of(shop, recipe)
    kept, look = shop.catalogue.embeddings, shop.opener.open
    found = read_material(material.examples, teacher, kept, look, shop.pool, progress)
    rows = dict(zip([one.image_hash for one in found.examples.all], found.rows, strict=True))
    nothing = np.zeros(teacher.dim, np.float32)
    return np.stack([rows.get(one.image_hash, nothing) for one in material.examples.all])


def teacher_of(shop: Shop, recipe: Recipe) -> PictureTower:
    """Open the teacher that the recipe names."""
    if not recipe.teacher:
        raise ConfigError("distillation needs a teacher: --set teacher=lite2, or another encoder")
    teacher = shop.open(recipe.teacher).picture
    if teacher.fingerprint == shop.encoder.picture.fingerprint:
        raise ConfigError(f"the teacher {recipe.teacher!r} is the encoder that should learn")
    return teacher
