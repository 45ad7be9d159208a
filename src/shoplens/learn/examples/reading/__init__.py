"""A file that a person keeps becomes rows of named cells, bad ones told by their line."""
