"""Sharing decisions as JSON documents in the database, and back: a rule for each type of field.

A document that was written before a field existed has no such name: it reads as its default.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache, lru_cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

import orjson

from consent.model import Decider, SharingDecision
from schemas.vocabulary import LabelledCode

_Read = Callable[[Any], Any]
_Whole = TypeVar("_Whole")


def document_from_decision(decision: SharingDecision) -> bytes:
    """The decision as JSON with sorted lists; the same decision gives the same bytes."""
    document = _as_json(decision)
    document |= {f"decider_{name}": told for name, told in document.pop("decided_by").items()}
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


@lru_cache(maxsize=20_000)
def decision_from_document(document: bytes) -> SharingDecision:
    """Back from document_from_decision. Decisions are frozen, so they can be shared."""
    found = orjson.loads(document)
    found["decided_by"] = {each.name: found[f"decider_{each.name}"] for each in fields(Decider)}
    return _built(SharingDecision, found)


def _as_json(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _as_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _built(kind: Callable[..., _Whole], document: Mapping[str, Any]) -> _Whole:
    readers = _readers_of(kind)
    return kind(**{name: read(document[name]) for name, read in readers if name in document})


@cache
def _readers_of(kind: Any) -> list[tuple[str, _Read]]:
    return [(name, _reader_of(hint)) for name, hint in get_type_hints(kind).items()]


def _reader_of(hint: Any) -> _Read:
    """How a field of this type is read; ids, texts, numbers and flags are as they stand."""
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    if NoneType in get_args(hint):
        read = _reader_of(kinds[0]) if len(kinds) == 1 else _any_of(kinds)
        return lambda value: None if value is None else read(value)
    if kinds:  # a set
        read = _reader_of(kinds[0])
        return lambda values: frozenset(map(read, values))
    if is_dataclass(hint):
        whole: Any = hint
        return lambda document: _built(whole, document)
    if hint is datetime:
        return datetime.fromisoformat
    return (
        hint if isinstance(hint, type) and issubclass(hint, LabelledCode) else lambda value: value
    )


def _any_of(vocabularies: list[type[LabelledCode]]) -> _Read:
    """A code of any of these, which have none in common."""
    return {code.value: code for codes in vocabularies for code in codes}.__getitem__
