"""A family of each test's own, at a door to which providers of sign-in lead too."""

from tests.integration.family_door.conftest import door, running_together, standing_clock, world

__all__ = ["door", "running_together", "standing_clock", "world"]
