"""Claims: what sources say, side by side, each value with everybody who says so.

Pure, order-free and idempotent: a claim is told by what it says, not by when it came. So are the
order in which records speak, and records that complete others.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any, Generic, TypeVar

from schemas.records.payloads import Address, FactStatus, Payload, Period, Telecom
from schemas.records.published import PublishedRecord
from schemas.unchanging import unchanging
from schemas.vocabulary import Label, Source

T = TypeVar("T")
PayloadT = TypeVar("PayloadT", bound=Payload)
GOES_ON = frozenset(
    {FactStatus.HOLDS, FactStatus.UNDER_WAY, FactStatus.ON_HOLD, FactStatus.NOT_FINAL}
)
"""What is shown as so now; how far, the page says beside it."""


@unchanging(frozen=True, slots=True, repr=False)
class Provenance:
    """Where a fact comes from: which source, and as of when (ISO 8601) it said so.

    `is_in_doubt` where the message that said it contradicts itself about when the person was born.
    """

    source: Source
    as_of: str
    is_in_doubt: bool = False


@unchanging(frozen=True, slots=True, repr=False)
class Statement(Generic[T]):
    """One source saying one thing once."""

    value: T
    provenance: Provenance
    is_verified: bool = False


@unchanging(frozen=True, slots=True, repr=False)
class Claim(Generic[T]):
    """One value and who says so.

    `provenance` is the statement for which it stands where it does: the most recent verified one,
    or the most recent. `also` are the other sources that say the same.
    """

    value: T
    provenance: Provenance
    also: tuple[Provenance, ...] = ()
    is_verified: bool = False


@unchanging(frozen=True, slots=True, repr=False)
class NameClaim:
    """What sources call the person; given names in their order.

    `known_as` stands for a given name; `known_as_family` for the family name where that differs.
    A placeholder ("Baby") is no name yet.
    """

    family_name: str | None
    given_names: tuple[str, ...]
    known_as: str | None
    provenance: Provenance
    known_as_family: str | None = None
    former_names: tuple[str, ...] = ()
    also: tuple[Provenance, ...] = ()
    is_verified: bool = False
    is_placeholder: bool = False


@unchanging(frozen=True, slots=True, repr=False)
class AddressClaim:
    """Where sources say that the person lives, or lived: those that disagree stand side by side.

    `is_to_come` of where they are yet to live, which is not current either.
    """

    address: Address
    provenance: Provenance
    also: tuple[Provenance, ...] = ()
    is_current: bool = True
    is_to_come: bool = False


@unchanging(frozen=True, slots=True, repr=False)
class TelecomClaim:
    """How sources say that the person can be reached."""

    telecom: Telecom
    provenance: Provenance
    also: tuple[Provenance, ...] = ()


def claims_of(
    statements: Iterable[Statement[T]], *, alike: Callable[[T], Hashable] | None = None
) -> tuple[Claim[T], ...]:
    """What is said, each thing once: the most recent verified first, then the most recent.

    `statements` come latest first. `alike` gives what two ways of writing the same thing share;
    the wording of the first of them stands. A source that says it several times is named once.
    """
    said = list(statements)
    if len(said) == 1:
        return (_claim(said),)
    said.sort(key=_is_not_verified)
    groups: dict[Hashable, list[Statement[T]]] = {}
    for statement in said:
        same = statement.value if alike is None else alike(statement.value)
        groups.setdefault(same, []).append(statement)
    return tuple(_claim(group) for group in groups.values())


def _is_not_verified(statement: Statement[Any]) -> bool:
    return not statement.is_verified


def _claim(group: list[Statement[T]]) -> Claim[T]:
    first = group[0]
    if len(group) == 1:
        return Claim(first.value, first.provenance, (), first.is_verified)
    by_source: dict[Source, Provenance] = {}
    for statement in group:
        by_source.setdefault(statement.provenance.source, statement.provenance)
    also = tuple(p for source, p in by_source.items() if source is not first.provenance.source)
    return Claim(first.value, first.provenance, also, first.is_verified)


# In what order records speak, and what of them is current: the same for every section.


class InOrder(list[PublishedRecord]):
    """Records in the one order of all sections, each there once; not to be changed."""

    __slots__ = ("_by_kind",)

    def __init__(self, records: Iterable[PublishedRecord] = ()) -> None:
        """Take records that are in order."""
        super().__init__(records)
        self._by_kind: dict[type[Any], list[tuple[PublishedRecord, Any]]] | None = None

    def of(self, kind: type[PayloadT]) -> Sequence[tuple[PublishedRecord, PayloadT]]:
        """Those of one kind in their order, each with what it says."""
        if self._by_kind is None:
            self._by_kind = {}
            for record in self:
                told = (record, record.payload)
                self._by_kind.setdefault(type(record.payload), []).append(told)
        return self._by_kind.get(kind, ())


def latest_first(records: Iterable[PublishedRecord]) -> InOrder:
    """One order for all sections; the same record twice is there once, in its latest version."""
    if isinstance(records, InOrder):
        return records
    unique: dict[tuple[str, str, str], PublishedRecord] = {}
    for record in sorted(records, key=_age, reverse=True):
        unique.setdefault((record.source, record.key, record.persons[0]), record)
    return InOrder(unique.values())


def provenance_of(record: PublishedRecord) -> Provenance:
    """Which source said it, and as of when."""
    is_in_doubt = Label.DATES_CONTRADICT in record.labels
    return Provenance(record.source, as_of(record.version), is_in_doubt)


def as_of(version: str) -> str:
    """The moment in a version: when its source said so."""
    return version.partition("/")[0]


def is_current(period: Period, today: str, status: FactStatus = FactStatus.HOLDS) -> bool:
    """Whether it has begun and goes on today or later, as far as its source says."""
    return status_on(today, period, status) in GOES_ON


def status_on(today: str, period: Period, status: FactStatus = FactStatus.HOLDS) -> FactStatus:
    """What a statement comes to on the day on which it is read: time goes on after it was made."""
    if status not in GOES_ON:
        return status
    if period.is_over(today):
        return FactStatus.ENDED
    return FactStatus.PLANNED if period.is_to_come(today) else status


def _age(record: PublishedRecord) -> tuple[str, ...]:
    return (record.version, record.source, record.key, *record.persons)


# Records that complete others: a source that sends only what changed tells an end by itself.


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
    """A field that says nothing leaves what was said; details stand label by label.

    Numbers stand system by system: who tells a telephone number says nothing of e-mail.
    """
    if _are_telecoms(value) and _are_telecoms(said):
        told = {telecom.system for telecom in said}
        return (*(telecom for telecom in value if telecom.system not in told), *said)
    if isinstance(said, Period):
        return Period(said.start or value.start, said.end or value.end)
    if said is FactStatus.HOLDS:
        return value
    if _is_details(value) and _is_details(said):
        return tuple(_details_with(value, said))
    return said or value


def _details_with(
    value: tuple[tuple[str, str], ...], said: tuple[tuple[str, str], ...]
) -> Iterator[tuple[str, str]]:
    """What is said of a label stands in its place, however often it is said."""
    for label in dict.fromkeys(label for label, _ in (*value, *said)):
        of_label = [detail for detail in said if detail[0] == label]
        yield from of_label or (detail for detail in value if detail[0] == label)


def _are_telecoms(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, Telecom) for item in value)


def _is_details(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, tuple) for item in value)
