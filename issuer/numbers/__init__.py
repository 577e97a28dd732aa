"""What became of every number that was taken."""
