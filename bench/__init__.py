"""Figures, not tests: each module prints a table that docs/benchmarks.md repeats."""
