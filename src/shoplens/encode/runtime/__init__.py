"""How networks in ONNX files are opened and run, on whatever the machine has; read ``session``."""
