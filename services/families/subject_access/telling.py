"""Each record as it is told: opened, without what is not the person's own, or withheld with why."""

from collections.abc import Sequence
from dataclasses import replace

from schemas.identifiers import PersonId
from schemas.records.published import PublishedRecord
from services.aggregation.stored import StoredRecord
from services.families.subject_access.held import HeldFacts, HeldRecord, Withheld
from services.families.subject_access.ports import Holdings
from services.families.subject_access.redacting import redacted
from services.families.subject_access.withholding import Withholding


def records_told(withholding: Withholding, holdings: Holdings) -> tuple[HeldRecord, ...]:
    """Every record of the shared profile, in one order; opened only where it may be told."""
    stored = holdings.records.about([withholding.person])
    withholding = _beside_places_of(stored, withholding, holdings)
    decided = [(record, withholding.of_record(record)) for record in stored]
    bases = {d.id: d.basis for d in withholding.decisions}
    held = []
    for record, reasons in decided:
        shared = withholding.shared_by(record)
        basis = tuple(sorted({bases[i] for i in shared.decided_from if i in bases}))
        as_of = record.version.split("/")[0]
        one = HeldRecord(record.key, record.source, record.category, as_of, basis, None, reasons)
        held.append(one if reasons else _opened(one, record, withholding.person, holdings))
    return tuple(sorted(held, key=lambda r: (r.source, r.category, r.as_of, r.key)))


def facts_told(withholding: Withholding, holdings: Holdings) -> tuple[HeldFacts, ...]:
    """What is kept to tell the person from others, without where they live.

    An identity that was left behind by an adoption is told to nobody.
    """
    withheld = withholding.of_identifiers()
    return tuple(_facts(one, withheld) for one in holdings.facts(withholding.person))


def _facts(one: HeldFacts, withheld: Withheld | None) -> HeldFacts:
    if one.facts is None or withheld is not None or one.facts.is_former:
        return replace(one, facts=None, withheld=withheld or Withheld.RESTRICTED)
    return replace(one, facts=replace(one.facts, postcode=None, address=None))


def waiting_told(withholding: Withholding, holdings: Holdings) -> tuple[HeldRecord, ...]:
    """Every record that waits in the health-visiting agency's own store."""
    found = holdings.waiting(withholding.person)
    stored = [_as_stored(record, withholding.person, holdings) for record in found]
    withholding = _beside_places_of(stored, withholding, holdings)
    both = zip(found, stored, strict=True)
    return tuple(_not_published(record, one, withholding) for record, one in both)


def _beside_places_of(
    stored: Sequence[StoredRecord], withholding: Withholding, holdings: Holdings
) -> Withholding:
    """With what is protected of the places that these records name."""
    return withholding.beside(holdings.protecting({p for r in stored for p in r.places}))


def _as_stored(record: PublishedRecord, person: PersonId, holdings: Holdings) -> StoredRecord:
    return StoredRecord(
        record.key,
        record.source,
        record.category,
        record.persons,
        record.labels,
        record.version,
        b"",
        stored_under=person,
        places=holdings.places_in(record),
    )


def _not_published(
    record: PublishedRecord, stored: StoredRecord, withholding: Withholding
) -> HeldRecord:
    reasons = withholding.of_record(stored)
    as_of = record.version.split("/")[0]
    held = HeldRecord(record.key, record.source, record.category, as_of, (), None, reasons)
    return held if reasons else _told(held, record, withholding.person)


def _told(held: HeldRecord, content: PublishedRecord, person: PersonId) -> HeldRecord:
    left, parts = redacted(content, person)
    if left is None:
        return replace(held, withheld=(Withheld.THIRD_PARTY,))
    return replace(held, record=left, parts_withheld=parts)


def _opened(
    held: HeldRecord, record: StoredRecord, person: PersonId, holdings: Holdings
) -> HeldRecord:
    """The record by itself: what completes another came as one of its own."""
    for content in holdings.records.open([record]):
        return _told(held, content, person)
    return held
