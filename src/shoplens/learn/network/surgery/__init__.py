"""Graphs are taken apart and put together; read ``assemble`` first."""
