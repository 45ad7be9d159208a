"""Models that a shop trained, opened for serving; read ``opening`` first."""
