"""Encoders made of encoders: several fused, or one with shorter rows; read ``opening`` first."""
