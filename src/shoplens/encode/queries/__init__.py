"""What visitors ask becomes unit vectors, once: memories that stand before an encoder."""
