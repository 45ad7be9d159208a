"""Texts go in, sparse rows of weighted words come out; read ``fold``, ``cut``, then ``rows``."""
