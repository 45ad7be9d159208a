"""A picture and a box go in; the pixels to look at come out. Read ``box`` first."""
