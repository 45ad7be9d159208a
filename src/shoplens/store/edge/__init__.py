"""Qdrant Edge, in this process: read ``store`` first, then ``filters`` and ``shard``."""
