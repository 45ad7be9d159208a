"""The command line: parse, one call to the engine, print; read ``main`` first."""
