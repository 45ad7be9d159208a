"""ONNX operators as small torch functions; read ``base`` first, ``table`` names them all."""
