"""Embeddings are kept and searched under a filter; read ``base`` first, ``exact`` is the oracle."""
