"""JSON from partners: what is ambiguous, unbounded or not text is found, never guessed at."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.parsing import limits
from connectors.parsing.plain_text import can_be_encoded
from schemas.errors import UnreadableMessageError

Json = dict[str, Any]

_BOM = b"\xef\xbb\xbf"
_BROKEN_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_NO_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))


class RepeatedKeys(dict[str, Any]):
    """An object that holds a name twice: kept with both, so that it can be written again."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def items(self) -> Any:
        """Every pair, also those whose name comes again."""
        return self._pairs


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """What was read. Where it is not known to be sound, `refuse_unsound` has to look at it."""

    value: Any
    is_sound: bool


class _DocumentReading:
    """One document while it is read; it notices what `refuse_unsound` would find."""

    def __init__(self) -> None:
        self.is_sound = True

    def object_of(self, pairs: list[tuple[str, Any]]) -> Json:
        """An object, of its own kind when it holds a name twice."""
        names = dict(pairs)
        if len(names) == len(pairs):
            return names
        self.is_sound = False
        return RepeatedKeys(pairs)

    def number_of(self, text: str) -> float:
        """A number with a fraction or exponent, or a constant that is no number."""
        number = float(text)
        self.is_sound = self.is_sound and math.isfinite(number)
        return number


def read_json(data: bytes, *, field: str) -> Document:
    """The document in `data`; raises UnreadableMessageError naming `field` when it is none.

    Repeated names and numbers that are none are left in it for `refuse_unsound` to find, so that
    one child's mistake does not stop the others.
    """
    if not data.strip():
        raise UnreadableMessageError(field=field, reason="empty")
    reading = _DocumentReading()
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableMessageError(field=field, reason="not-utf-8") from error
    try:
        value = json.loads(
            text,
            object_pairs_hook=reading.object_of,
            parse_float=reading.number_of,
            parse_constant=reading.number_of,
        )
    except RecursionError as error:
        raise UnreadableMessageError(field=field, reason="too-deep") from error
    except ValueError as error:
        raise UnreadableMessageError(field=field, reason="not-json") from error
    return Document(value, reading.is_sound and _is_plain(data))


def canonical_json(value: Json) -> bytes:
    """Sound JSON, the same for the same content in whatever order its names come."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a number of more than 64 bits
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode()


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


def _is_plain(data: bytes) -> bool:
    """Whether no text in it can be broken and nothing lies too deep, as far as bytes can tell.

    Brackets without what is between them fall away pair by pair, a level at a time; one inside a
    text stays, and then it has to be looked at closely.
    """
    if _BROKEN_ESCAPE.search(data) is not None:
        return False
    brackets = data.translate(None, delete=_NO_BRACKETS)
    for _ in range(limits.NESTING - 1):
        if not brackets:
            return True
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return not brackets


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
    if isinstance(part, str) and not can_be_encoded(part):
        return "not-text"
    return None
