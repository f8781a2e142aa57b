"""What administrators of a tenant see and change of its running."""
