"""What was predicted is looked over by a person: a file and a page, out and back in."""
