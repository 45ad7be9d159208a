"""A ranking becomes an answer: facets, reasons, something to look at."""
