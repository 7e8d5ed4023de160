"""Opaque keys of records and scopes: keyed hashes of the source's own ids for them."""

from collections.abc import Iterable

from connectors.publishing_ports import Hasher
from schemas.identifiers import RecordKey
from schemas.records.message import Record
from schemas.vocabulary import Action, Source

_KEY_DIGITS = 32


class RecordKeys:
    """The keys of one source, each made once: a message's records share their scopes."""

    def __init__(self, source: Source, hasher: Hasher) -> None:
        self._source = source
        self._hasher = hasher
        self._scopes: dict[str, RecordKey] = {}

    def of(self, record: Record) -> RecordKey:
        """The key of a record, or of the scope that a clearing clears."""
        if record.action is Action.CLEAR:
            return self._of_scope(record.source_id)
        return self.of_record(record.source_id)

    def of_record(self, source_id: str) -> RecordKey:
        """The key of a record: the same for every version that its source sends."""
        return RecordKey(self._hasher.opaque("record", self._source, source_id)[:_KEY_DIGITS])

    def of_scopes(self, scopes: Iterable[str]) -> tuple[RecordKey, ...]:
        """The keys of scopes, in their order."""
        return tuple(self._of_scope(scope) for scope in scopes)

    def _of_scope(self, scope: str) -> RecordKey:
        key = self._scopes.get(scope)
        if key is None:
            key = RecordKey(self._hasher.opaque("scope", self._source, scope)[:_KEY_DIGITS])
            self._scopes[scope] = key
        return key
