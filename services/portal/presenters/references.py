"""Short references that people can read to each other over the telephone."""


def record_reference(person: str) -> str:
    """Make a reference from the opaque id of a person; it says nothing about them."""
    letters = "".join(character for character in person if character.isalnum())
    return letters[-6:].upper()
