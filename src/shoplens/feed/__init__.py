"""A merchant's file becomes products: bytes in, a stream of Product or Rejection out.

Read ``read`` first.
"""
