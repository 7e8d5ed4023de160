"""Text that can be written down: what has no UTF-8, and what PostgreSQL takes in no text, is none.

Half a surrogate pair can be spelt in JSON and on a command line and be encoded by nothing; NUL can
be spelt nearly everywhere. Whoever lets text in asks here once, before anything is done with it;
told is where it stands, never what it is.
"""

import re
from collections.abc import Callable, Iterable, Mapping

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_:.-]{0,63}")


def is_text(value: str) -> bool:
    """Whether it can be encoded, and kept in a database."""
    return "\0" not in value and can_be_encoded(value)


def can_be_encoded(value: str) -> bool:
    """Whether it has no half of a surrogate pair; NUL has UTF-8 like any letter."""
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def place_of_no_text(
    value: object, place: str, *, passes: Callable[[str], bool] = is_text
) -> str | None:
    """Where in `value`, of objects, lists and texts, something is no text; None when all is.

    Names in it are told as far as they are plain; an object's own name that is no text is told as
    the object's place. `passes` is asked of each text: where none of them goes into a database,
    `can_be_encoded` is enough.
    """
    waiting = [(value, place)]
    while waiting:
        part, at = waiting.pop()
        if isinstance(part, str):
            if not passes(part):
                return at
        elif isinstance(part, Mapping):
            if not all(passes(name) for name in part if isinstance(name, str)):
                return at
            waiting.extend((inner, place_in(at, name)) for name, inner in part.items())
        elif isinstance(part, list | tuple):
            waiting.extend((inner, f"{at}[{number}]") for number, inner in enumerate(part))
    return None


def place_in(place: str, name: object) -> str:
    """The place of what is called so in another; a name that somebody made up is not repeated."""
    return f"{place}.{name}" if _NAME.fullmatch(str(name)) else place


def field_of_no_text(pairs: Iterable[tuple[str, str]], place: str) -> str | None:
    """The same of a form's or a query's fields."""
    wrong = (name for name, value in pairs if not is_text(name) or not is_text(value))
    name = next(wrong, None)
    return None if name is None else place_in(place, name)
