"""Reading fields of a CSC payload: their type is checked, and a refusal names them."""

import re
from collections.abc import Iterator
from typing import Any

from connectors import limits
from connectors.demographics import is_iso_date
from connectors.social_care.strict_json import Json
from schemas.errors import UnreadableMessageError
from schemas.records.payloads import Period

_LA_CODE = re.compile(r"[0-9]{3}")


def text(block: Json, name: str, *, within: str = "") -> str | None:
    """A text or number as text; None when absent or blank. Raises UnreadableMessageError."""
    value = block.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise UnreadableMessageError(field=within + name, reason="not-text")
    written = str(value)
    if "\0" in written:  # PostgreSQL holds none
        raise UnreadableMessageError(field=within + name, reason="not-text")
    return written.strip() or None


def is_empty(block: Json, name: str) -> bool:
    """Whether a field is there and says nothing: that there is no such date any more."""
    return name in block and block[name] in {None, ""}


def texts(block: Json, name: str, *, within: str = "") -> tuple[str, ...] | None:
    """A list of texts without its blanks; None when absent. Raises UnreadableMessageError."""
    value = block.get(name)
    if value is None:
        return None
    if not isinstance(value, list):
        raise UnreadableMessageError(field=within + name, reason="not-a-list")
    found = (text({name: one}, name, within=within) for one in value)
    return tuple(one for one in found if one is not None)


def required_text(block: Json, name: str, *, within: str = "") -> str:
    """An id, which must be there and not be too long. Raises UnreadableMessageError."""
    value = text(block, name, within=within)
    if value is None:
        raise UnreadableMessageError(field=within + name, reason="missing")
    if len(value) > limits.IDENTIFIER_CHARACTERS:
        raise UnreadableMessageError(field=within + name, reason="too-long")
    return value


def key_part(number: str) -> str:
    """An id as one part of a source id, in which slashes separate the parts."""
    return number.replace("%", "%25").replace("/", "%2F")


def flag(block: Json, name: str, *, within: str = "") -> bool | None:
    """True, false or not said. Raises UnreadableMessageError for anything else."""
    value = block.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise UnreadableMessageError(field=within + name, reason="not-a-boolean")


def is_purged(block: Json, *, within: str = "") -> bool:
    """Whether the authority takes this block back."""
    return flag(block, "purge", within=within) is True


def day(block: Json, name: str, *, within: str = "") -> str | None:
    """A date as YYYY-MM-DD. Raises UnreadableMessageError for what is not one."""
    value = text(block, name, within=within)
    if value is not None and not is_iso_date(value):
        raise UnreadableMessageError(field=within + name, reason="not-a-date")
    return value


def period(block: Json, start: str, end: str, *, within: str = "") -> Period:
    """From one date to another, which may not come before it. Raises UnreadableMessageError."""
    begun, ended = day(block, start, within=within), day(block, end, within=within)
    if begun and ended and ended < begun:
        raise UnreadableMessageError(field=within + end, reason=f"contradicts:{within}{start}")
    return Period(begun, ended)


def block_of(parent: Json, name: str, *, within: str = "") -> Json:
    """An object inside another; empty when absent. Raises UnreadableMessageError."""
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UnreadableMessageError(field=within + name, reason="not-an-object")
    return value


def blocks_of(parent: Json, name: str, *, within: str = "") -> Iterator[Json]:
    """The objects of a list inside another object. Raises UnreadableMessageError."""
    value = parent.get(name)
    if value is None:
        return
    if not isinstance(value, list):
        raise UnreadableMessageError(field=within + name, reason="not-a-list")
    for item in value:
        if not isinstance(item, dict):
            raise UnreadableMessageError(field=within + name, reason="not-an-object")
        yield item


def la_code_of(value: Any) -> str:
    """A local authority's three digits, sent as number or text. Raises UnreadableMessageError."""
    code = text({"la_code": value}, "la_code")
    if code is None:
        raise UnreadableMessageError(field="la_code", reason="missing")
    if not _LA_CODE.fullmatch(code):
        raise UnreadableMessageError(field="la_code", reason="not-a-code")
    return code
