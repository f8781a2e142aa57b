"""Looks at an installation end to end, a check a question, and names what mends each fault."""
