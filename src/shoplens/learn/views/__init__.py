"""Pictures become what a training reads: changed views, run through the frozen part once."""
