"""Pictures go to a language model, checked suggestions come back: read ``describing`` first."""
