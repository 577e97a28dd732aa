"""What the demonstration's offices wrote down: specimens, and no real people."""
