"""The HTTP door: routes, schemas, keys and the page; read ``app`` first."""
