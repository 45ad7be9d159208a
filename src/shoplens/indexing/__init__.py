"""Pending products become searchable rows, with proof that none was skipped.

Read ``pipeline`` first.
"""
