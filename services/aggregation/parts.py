"""Records that complete others: a source that sends only what changed tells an end by itself.

Pure, order-free and idempotent: whatever order a record and its parts come in, the same comes out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

from schemas.records.payloads import Payload, Period
from schemas.records.published import PublishedRecord


def completed(records: Iterable[PublishedRecord]) -> Iterator[PublishedRecord]:
    """Each record with its parts in it; parts of a record that is not among these, together."""
    groups: dict[tuple[str, ...], list[PublishedRecord]] = {}
    for record in records:
        place = (*record.persons, record.source, record.part_of or record.key)
        groups.setdefault(place, []).append(record)
    for group in groups.values():
        yield group[0] if _stands_alone(group) else _together(group)


def _stands_alone(group: list[PublishedRecord]) -> bool:
    return len(group) == 1 and group[0].part_of is None


def _together(group: list[PublishedRecord]) -> PublishedRecord:
    """One record that says what each of them says; where they disagree, the latest."""
    first, *others = sorted(group, key=lambda r: (r.version, r.part_of is not None, r.key))
    payload = first.payload
    for part in others:
        payload = _overlaid(payload, part.payload)
    own = next((record for record in group if record.part_of is None), first)
    return replace(
        own,
        key=own.part_of or own.key,
        part_of=None,
        payload=payload,
        version=max(record.version for record in group),
        labels=own.labels.union(*(record.labels for record in group)),
    )


def _overlaid(payload: Payload | None, part: Payload | None) -> Payload | None:
    """The payload with what the part says; a part of another kind says nothing of it."""
    if payload is None or part is None or type(part) is not type(payload):
        return payload
    changes = {
        field.name: _joined(getattr(payload, field.name), getattr(part, field.name))
        for field in fields(part)
    }
    return replace(payload, **changes)


def _joined(value: Any, said: Any) -> Any:
    """A field that says nothing leaves what was said; details stand label by label."""
    if isinstance(said, Period):
        return Period(said.start or value.start, said.end or value.end)
    if _is_details(value) and _is_details(said):
        return tuple((dict(value) | dict(said)).items())
    return said or value


def _is_details(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, tuple) for item in value)
