"""A query becomes a ranking of distinct products; read ``retrieve`` first."""
