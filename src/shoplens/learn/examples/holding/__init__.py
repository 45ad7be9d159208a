"""Who is held out of training: whole groups or labels, then single photos of what is trained."""
