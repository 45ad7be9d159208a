"""What may be meant by the beginning of a question; read ``entries``, ``phrases``, ``suggest``."""
