"""A folder of a checkpoint becomes two towers with their own preprocessing, each by its library."""
