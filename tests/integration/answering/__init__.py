"""Partners without a system, on a real database."""
