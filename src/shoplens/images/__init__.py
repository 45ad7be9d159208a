"""A path, URL or upload becomes clean pixels, or an ImageError that says why.

Read ``decode`` first.
"""
