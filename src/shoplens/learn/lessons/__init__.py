"""What is trained, on what it is shown, and how it is written down: one file a kind of recipe."""
