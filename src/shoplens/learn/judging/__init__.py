"""Is the trained encoder better, and nowhere worse? Read ``measure`` first."""
