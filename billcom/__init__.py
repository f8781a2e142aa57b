"""BILL's v3 protocol: a client of it, and a pretend BILL to try things against."""
