"""A small shop drawn from a seed, whose true neighbours are known; read ``shop`` first."""
