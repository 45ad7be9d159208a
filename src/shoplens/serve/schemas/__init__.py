"""What may come in over the wire; pydantic ends here, inside there are only dataclasses."""
