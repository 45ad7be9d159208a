"""Bytes become text, text becomes rows: encodings, delimiters, JSON, damage.

Read ``text`` first.
"""
