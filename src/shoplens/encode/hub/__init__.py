"""Models of the hub become folders that run without torch; read ``adding`` first."""
