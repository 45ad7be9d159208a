"""Models that were not trained here are listed beside those that were; read ``register``."""
