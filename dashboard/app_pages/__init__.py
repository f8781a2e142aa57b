"""The pages: each picks, reads and shows."""
