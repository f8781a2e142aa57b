"""One address for several dashboards on one machine: each browser stays with one of them."""
