"""What a family keeps to some of those who may otherwise see it.

A mark names whom a record is kept to: `agency:<kind>`, `role:<role>` or `practitioner:<id>`, as
sharing decisions name recipients, or `category:<code>`: only whoever may see that category of the
same persons as well. Marks only take away; without any, sharing decisions alone say who may see.
"""

from collections.abc import Iterable

from schemas.vocabulary import Category

KeptTo = str
"""One mark. It is a code or an opaque id, so it may stand beside a record in the clear."""

NOT_KEPT = frozenset[KeptTo]()
_CATEGORY = "category:"
_CATEGORIES = {f"{_CATEGORY}{category}": category for category in Category}


def kept_to_category(category: Category) -> KeptTo:
    """The mark that keeps a record to those who may see this category too."""
    return f"{_CATEGORY}{category}"


def categories_in(marks: Iterable[KeptTo]) -> tuple[Category, ...]:
    """The categories that these marks name, each of which has to be permitted."""
    return tuple(sorted(_CATEGORIES[mark] for mark in marks if mark in _CATEGORIES))


def recipients_in(marks: Iterable[KeptTo]) -> frozenset[str]:
    """The recipients that these marks name, of whom one has to be the viewer.

    A mark that nobody knows is among them, so that it keeps the record from everybody.
    """
    return frozenset(mark for mark in marks if mark not in _CATEGORIES)


def is_within(narrower: frozenset[KeptTo], wider: frozenset[KeptTo]) -> bool:
    """Whether nobody could see what is kept to the first who could not by the second."""
    if not frozenset(categories_in(wider)).issubset(categories_in(narrower)):
        return False
    allowed, left = recipients_in(wider), recipients_in(narrower)
    return not allowed or (bool(left) and left <= allowed)
