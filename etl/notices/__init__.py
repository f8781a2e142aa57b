"""What customers and administrators are told by mail: found, worded, and made a message."""
