"""A shop tells how sure its answers are: questions with known answers go in, a calibration out."""
