"""Towers become ONNX files: written by torch or cut out of a larger file, and in eight bits."""
