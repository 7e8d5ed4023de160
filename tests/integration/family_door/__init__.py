"""The family's own door, on a real database."""
