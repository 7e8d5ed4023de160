"""JSON from partners: what is ambiguous, unbounded or not text is found, never guessed at."""

import json
import math
from collections.abc import Iterator
from typing import Any

from connectors import limits
from schemas.errors import UnreadableMessageError

Json = dict[str, Any]

_BOM = b"\xef\xbb\xbf"


class RepeatedKeys(dict[str, Any]):
    """An object that holds a name twice: kept with both, so that it can be written again."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def items(self) -> Any:
        """Every pair, also those whose name comes again."""
        return self._pairs


def read_json(data: bytes, *, field: str) -> Any:
    """The document in `data`; raises UnreadableMessageError naming `field` when it is none.

    Repeated names and numbers that are none are left in it for `refuse_unsound` to find, so that
    one child's mistake does not stop the others.
    """
    if not data.strip():
        raise UnreadableMessageError(field=field, reason="empty")
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableMessageError(field=field, reason="not-utf-8") from error
    try:
        return json.loads(text, object_pairs_hook=_object_of)
    except RecursionError as error:
        raise UnreadableMessageError(field=field, reason="too-deep") from error
    except ValueError as error:
        raise UnreadableMessageError(field=field, reason="not-json") from error


def refuse_unsound(value: Any, *, field: str) -> None:
    """Raise UnreadableMessageError for repeated names, NaN, too deep nesting or broken text."""
    waiting = [(value, 1)]
    while waiting:
        part, depth = waiting.pop()
        if depth > limits.NESTING:
            raise UnreadableMessageError(field=field, reason="too-deep")
        reason = _unsoundness(part)
        if reason is not None:
            raise UnreadableMessageError(field=field, reason=reason)
        waiting.extend((inner, depth + 1) for inner in _parts(part))


def _object_of(pairs: list[tuple[str, Any]]) -> Json:
    names = dict(pairs)
    return names if len(names) == len(pairs) else RepeatedKeys(pairs)


def _parts(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        yield from part
        yield from part.values()
    elif isinstance(part, list):
        yield from part


def _unsoundness(part: Any) -> str | None:
    if isinstance(part, RepeatedKeys):
        return "duplicate-key"
    if isinstance(part, float) and not math.isfinite(part):
        return "not-a-number"
    if isinstance(part, str) and not _is_text(part):
        return "not-text"
    return None


def _is_text(text: str) -> bool:
    """Half surrogate pairs cannot be written as UTF-8, and PostgreSQL holds no NUL."""
    return (text.isascii() and "\0" not in text) or not any(_is_broken(c) for c in text)


def _is_broken(character: str) -> bool:
    return character == "\0" or "\ud800" <= character <= "\udfff"
