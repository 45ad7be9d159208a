"""A shop modelled and rendered from a seed: products, photos, scenes, defects, and their truth.

Read ``model/`` (what a product is made of), one file of ``kinds/``, ``stage/`` (how it is
photographed), then ``shop`` (which pictures there are), ``render`` and ``ship/``.
"""

import bpy  # noqa: F401 -- bmesh and mathutils can be imported only after it
