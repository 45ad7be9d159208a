"""What was done and refused: jobs, rejections, notes; read ``jobs`` first."""
