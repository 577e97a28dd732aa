"""Look and report, in public; keeps nothing."""
