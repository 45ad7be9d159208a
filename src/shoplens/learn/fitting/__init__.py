"""A model is fitted to batches until it gains no more; read ``fit`` first."""
