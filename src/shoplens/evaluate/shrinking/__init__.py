"""What shorter rows lose, measured on a shop's own pictures; read ``loss`` first."""
