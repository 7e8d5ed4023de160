"""The rules of the family's own door."""
