"""How a product is modelled: what it is (``design``), its shape, what is drawn on it, its material.

Read ``design`` first, then ``forms`` and ``surfaces``; ``patterns`` and ``nodes`` stand behind.
What several kinds share is in ``timber`` (furniture), ``sewing``, ``bags`` and ``last`` (shoes).
"""
