"""What is asked of a product, how it is put, what of an answer is believed: ``asking`` first."""
