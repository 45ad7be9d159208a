"""A shop's products become rows and labels, and its missing labels are told."""
