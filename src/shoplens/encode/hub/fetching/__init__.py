"""A name, a repository or a folder becomes a folder with all files; read ``sources`` first."""
