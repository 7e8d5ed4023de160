"""Reading elements of a census: a refusal names them by their path in the file."""

from connectors import limits
from connectors.demographics import is_iso_date
from connectors.safe_xml import Element
from schemas.errors import UnreadableMessageError
from schemas.records.payloads import Period

_YES = frozenset({"1", "true"})
_NO = frozenset({"0", "false"})


def text_at(element: Element, path: str) -> str | None:
    """The text of the first element at `path`; None when absent or blank.

    Only what stands inside the element: stray text after it belongs to nothing.
    """
    return (element.findtext(path) or "").strip() or None


def day_at(element: Element, path: str, *, within: str) -> str | None:
    """A date as YYYY-MM-DD. Raises UnreadableMessageError for what is not one."""
    value = text_at(element, path)
    if value is not None and not is_iso_date(value):
        raise UnreadableMessageError(field=f"{within}/{path}", reason="not-a-date")
    return value


def period_at(element: Element, start: str, end: str, *, within: str) -> Period:
    """From one date to another, which may not come before it. Raises UnreadableMessageError."""
    begun, ended = day_at(element, start, within=within), day_at(element, end, within=within)
    if begun and ended and ended < begun:
        reason = f"contradicts:{within}/{start}"
        raise UnreadableMessageError(field=f"{within}/{end}", reason=reason)
    return Period(begun, ended)


def flag_at(element: Element, path: str) -> bool | None:
    """True or false as senders write it, `0` beside `false`; None when it says neither."""
    word = (text_at(element, path) or "").casefold()
    if word in _YES:
        return True
    return False if word in _NO else None


def required_at(element: Element, path: str, *, within: str) -> str:
    """An id, which must be there and not be too long. Raises UnreadableMessageError."""
    value = text_at(element, path)
    if value is None:
        raise UnreadableMessageError(field=f"{within}/{path}", reason="missing")
    if len(value) > limits.IDENTIFIER_CHARACTERS:
        raise UnreadableMessageError(field=f"{within}/{path}", reason="too-long")
    return value
