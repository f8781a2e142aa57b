"""Mail: addresses, and handing messages to a server."""
