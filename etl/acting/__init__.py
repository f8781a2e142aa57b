"""Acting on a tenant's book: what it is told by, and proposals to the outbox."""
