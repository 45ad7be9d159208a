"""A product's picture becomes its few colours, named; read ``dominant`` first."""
