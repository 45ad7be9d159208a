"""A visitor's words meet the shop's own; read ``vocabulary``, then ``ask``, then ``suggest``."""
