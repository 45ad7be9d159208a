"""Embeddings go in, labels with calibrated probabilities come out: read ``heads`` first."""
