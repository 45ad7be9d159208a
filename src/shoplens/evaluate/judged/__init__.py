"""Judgements are read from files, derived from what the shop knows of its products, or widened."""
