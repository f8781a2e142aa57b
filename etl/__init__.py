"""The back office: everything that runs without a browser."""
