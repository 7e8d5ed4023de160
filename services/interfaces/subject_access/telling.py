"""Each record as it is told: opened, redacted or withheld with why; marks on it, and its words."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

from schemas.fhir_mapping.elements import Resource, extension
from schemas.identifiers import PersonId
from schemas.records.payloads import (
    Address,
    Coding,
    FactStatus,
    Payload,
    Period,
    Telecom,
    WrittenHere,
)
from schemas.records.published import PublishedRecord
from services.interfaces.subject_access.held import (
    HeldFacts,
    HeldForDeciding,
    HeldOwnLabel,
    HeldRecord,
    WhyWithheld,
)
from services.interfaces.subject_access.postgres import PostgresHoldings
from services.interfaces.subject_access.withholding import Withholding, redacted
from services.people.linking.facts import LinkFacts, Numbers
from services.profile.ports import StoredRecord


def records_told(withholding: Withholding, holdings: PostgresHoldings) -> tuple[HeldRecord, ...]:
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


def facts_told(withholding: Withholding, holdings: PostgresHoldings) -> tuple[HeldFacts, ...]:
    """What is kept to tell the person from others, without where they live.

    An identity that was left behind by an adoption is told to nobody.
    """
    withheld = withholding.of_identifiers()
    return tuple(_facts(one, withheld) for one in holdings.facts(withholding.person))


def deciding_told(
    withholding: Withholding, holdings: PostgresHoldings
) -> tuple[HeldForDeciding, ...]:
    """What is kept to tell who may decide, withheld as everything is that says who they are."""
    withheld = withholding.of_identifiers()
    found = holdings.deciding(withholding.person)
    if withheld is None:
        return tuple(found)
    return tuple(replace(one, lines=None, withheld=withheld) for one in found)


def _facts(one: HeldFacts, withheld: WhyWithheld | None) -> HeldFacts:
    if one.facts is None or withheld is not None or one.facts.is_former:
        return replace(one, facts=None, withheld=withheld or WhyWithheld.RESTRICTED)
    return replace(one, facts=replace(one.facts, postcode=None, address=None))


def own_labels_told(
    withholding: Withholding, holdings: PostgresHoldings
) -> tuple[HeldOwnLabel, ...]:
    """How each agency knows the person as its own; to be withheld as their numbers are."""
    withheld = withholding.of_identifiers() or withholding.of_agency()
    found = holdings.own_labels(withholding.person)
    return tuple(
        one if withheld is None else replace(one, label=None, deaths=(), withheld=withheld)
        for one in found
    )


def lines_of_label(one: HeldOwnLabel) -> tuple[tuple[str, str], ...]:
    """The same for how an agency knows somebody, and for what its feeds told of a death."""
    label = one.label
    if label is None:
        return ()
    said = {
        "Family name": label.family_name,
        "Given names": " ".join(label.given_names),
        "Date of birth": label.date_of_birth,
        "Its reference": label.reference,
    }
    lines = tuple((name, words) for name, words in said.items() if words)
    return (*lines, *(line for death in one.deaths for line in lines_of(death.said)))


def waiting_told(withholding: Withholding, holdings: PostgresHoldings) -> tuple[HeldRecord, ...]:
    """Every record that waits in the health-visiting agency's own store."""
    found = holdings.waiting(withholding.person)
    stored = [_as_stored(record, withholding.person, holdings) for record in found]
    withholding = _beside_places_of(stored, withholding, holdings)
    both = zip(found, stored, strict=True)
    return tuple(_not_published(record, one, withholding) for record, one in both)


def _beside_places_of(
    stored: Sequence[StoredRecord], withholding: Withholding, holdings: PostgresHoldings
) -> Withholding:
    """With what is protected of the places that these records name."""
    return withholding.beside(holdings.protecting({p for r in stored for p in r.places}))


def _as_stored(
    record: PublishedRecord, person: PersonId, holdings: PostgresHoldings
) -> StoredRecord:
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
        return replace(held, withheld=(WhyWithheld.THIRD_PARTY,))
    return replace(held, record=left, parts_withheld=parts)


def _opened(
    held: HeldRecord, record: StoredRecord, person: PersonId, holdings: PostgresHoldings
) -> HeldRecord:
    """The record by itself: what completes another came as one of its own."""
    for content in holdings.records.open([record]):
        return _told(held, content, person)
    return held


# Marks on what is not all there: that something was taken out, and why.

_OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
_REDACTED = {"system": _OBSERVATION_VALUE, "code": "REDACTED"}
_PART = "urn:tell-once:extension:part-withheld"


def marked(
    resource: Resource, reasons: Sequence[WhyWithheld], *, more: Sequence[Resource] = ()
) -> Resource:
    """The resource with why it is withheld, and as redacted if it is or a part of it."""
    said = [extension("withheld", kind="Code", value=reason.value) for reason in reasons]
    extensions = [*resource.get("extension", []), *more, *said]
    whole = resource | ({"extension": extensions} if extensions else {})
    if not said and not any(one["url"] == _PART for one in more):
        return whole
    meta = whole.get("meta", {})
    return whole | {"meta": meta | {"security": [*meta.get("security", []), _REDACTED]}}


# What a record says, as lines of a label and words: every field that is there, none left out.

_NOT_STATED: tuple[object, ...] = (None, "", (), False)


def lines_of(payload: Payload) -> tuple[tuple[str, str], ...]:
    """Label and words for each field that says something, in the order of the fields."""
    return tuple(_lines(payload))


def lines_of_facts(facts: LinkFacts) -> tuple[tuple[str, str], ...]:
    """The same for what is kept to tell people apart; numbers by their scheme."""
    numbers = {label: "; ".join(v for _, v in found) for label, found in _numbers(facts)}
    said = {
        "Given names": "; ".join(sorted(facts.given_names)),
        "Family names": "; ".join(sorted(facts.family_names)),
        "Date of birth": facts.date_of_birth,
        **numbers,
        "Number not verified": facts.stated_number,
        "Birth order": facts.birth_order,
    }
    return tuple((label, str(words)) for label, words in said.items() if words)


def _numbers(facts: LinkFacts) -> tuple[tuple[str, Numbers], ...]:
    return (("Numbers", facts.numbers), ("Former numbers", facts.former_numbers))


def _lines(payload: Payload) -> Iterator[tuple[str, str]]:
    for field in fields(payload):
        value = getattr(payload, field.name)
        if field.name == "details":
            yield from value
        elif words := _words(value, is_flag=field.type in {"bool | None", bool | None}):
            yield field.name.replace("_", " ").capitalize(), words


def _words(value: object, *, is_flag: bool = False) -> str:
    """The words for a value; a flag that may be not stated says no as well."""
    if isinstance(value, bool) and (is_flag or value):
        return "Yes" if value else "No"
    if value in _NOT_STATED:
        return ""
    if isinstance(value, tuple):
        return "; ".join(_words(item) for item in value)
    return _words_of_part(value)


def _words_of_part(value: object) -> str:
    match value:
        case Period():
            words = " to ".join(end for end in (value.start or "not stated", value.end) if end)
        case Address():
            place = ", ".join(part for part in (*value.lines, value.postcode) if part)
            words = ", ".join(
                part for part in (f"{place} ({value.use})", _words(value.period)) if part
            )
        case Telecom():
            former = ", no longer in use" if value.is_former else ""
            words = f"{value.value} ({value.system}{former})"
            words = ", ".join(part for part in (words, _words(value.period)) if part)
        case WrittenHere():
            words = f"{value.by}, {value.at} (account {value.author})"
        case FactStatus.HOLDS:
            words = ""
        case Coding():
            words = f"{value.display} ({value.system} {value.code})"
        case _:
            words = str(value)
    return "" if value == Period() else words
