"""Labels teach heads: embeddings and labels go in, a classifier and its card come out."""
