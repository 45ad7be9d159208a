"""Pixels and words become unit vectors; read ``base`` first."""
