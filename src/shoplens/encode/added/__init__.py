"""Models from elsewhere, kept in a folder each and run without torch; read ``manifest`` first."""
