"""What is measured, against whom, and how: `python -m bench` runs every work once, side by side."""
