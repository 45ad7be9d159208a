"""Another model takes over while the shop goes on answering; read ``switch`` first."""
