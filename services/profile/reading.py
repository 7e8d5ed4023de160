"""Reading one family: who belongs to it, what is shown; the look is entered before the answer."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from consent import Decision, Reason
from consent.ledger import FieldValue, LedgerEntry, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import Mode
from consent.ports import Clock, Decisions, Ledger
from schemas.identifiers import PersonId
from schemas.records.payloads import Involvement, RelationshipKind
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from services.people.practitioners.people import Directory, LastHeard, SignedInPractitioner
from services.profile.merging import ended, sections
from services.profile.merging.claims import as_of
from services.profile.merging.connections import connections
from services.profile.merging.family import ties_in
from services.profile.merging.households import family_sections
from services.profile.merging.support import help_wanted, next_steps
from services.profile.merging.timeline import OpenedFamily, opened
from services.profile.model import NotShared, PersonView, Profile, ProfileRefused, SourceStatus
from services.profile.opening import view_family
from services.profile.ports import (
    Disclosure,
    ListedLook,
    ListedLooks,
    Looks,
    Relationships,
    StoredRecord,
    StoredRecords,
    UnreadOf,
    shown_as_one,
    whose,
)
from services.profile.protection.homes import without_who_lives_with
from services.profile.source_status import more_at_sources, source_statuses, with_unread_death
from services.profile.story import entries as story
from services.profile.viewing import (
    Opening,
    ReadProfile,
    Viewing,
    reading_order,
)

# Who belongs to the family of the child who was opened: how far relationships are followed.
#
# Carers are shown with the child and not gone beyond: the other children in a foster home, and
# their families, are no part of this one (DOMAIN section 4.3: a placement is no evidence of
# kinship).

_GENERATIONS = 2
_NOT_GONE_BEYOND = frozenset(
    {RelationshipKind.FOSTER_CARER, RelationshipKind.CARER, RelationshipKind.OTHER}
)


def family_of(child: PersonId, records: Iterable[PublishedRecord]) -> frozenset[PersonId]:
    """The child, and whom these records tie to them, directly or through their own family."""
    ties = [(tie, tie.kind not in _NOT_GONE_BEYOND) for tie in ties_in(records)]
    found, family = {child}, {child}
    for _ in range(_GENERATIONS):
        reached: set[PersonId] = set()
        for tie, is_kinship in ties:
            if tie.of in family:
                found.add(tie.other)
            if is_kinship and (tie.of in family or tie.other in family):
                reached |= {tie.of, tie.other}
        family |= reached
        found |= reached
    return frozenset(found)


_Decided = Sequence[tuple[StoredRecord, Decision]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading works with; every port joins one transaction.

    `directory` gives these workers, by their agencies' own ids, and these agencies' telephones.
    """

    records: StoredRecords
    relationships: Relationships
    decisions: Decisions
    directory: Callable[[Collection[str], Collection[str]], Directory]
    last_heard: Callable[[], LastHeard]
    unread: UnreadOf
    looks: Looks
    ledger: Ledger
    clock: Clock

    def opening(self) -> Opening:
        """What the family is opened with, now."""
        return Opening(
            self.records,
            self.decisions,
            self.relationships,
            self.looks,
            self.ledger,
            self.clock.now(),
        )


def read_profile(command: ReadProfile, *, reading: Reading) -> Profile | ProfileRefused:
    """One family as the practitioner may see it, or why not.

    Decisions are read in the same transaction as the records, so a withdrawal is in force for
    the very next call. The look or the refusal is in the ledger when the caller commits; nothing
    may be shown before that. A refusal is an answer, not an error (STYLE.md 12).
    """
    viewing, family = view_family(command, opening=reading.opening())
    refusal = viewing.refusal()
    if refusal is not None:
        return refuse(viewing, refusal, looks=reading.looks, ledger=reading.ledger)
    decided = [(record, viewing.ask(record)) for record in family]
    permitted = [(record, decision) for record, decision in decided if decision.is_permitted]
    denied = [(record, decision) for record, decision in decided if not decision.is_permitted]
    if not permitted and (reasons := viewing.why_nothing()):
        return refuse(viewing, reasons, looks=reading.looks, ledger=reading.ledger)
    return read_opened(viewing, permitted, denied, reading)


def read_opened(
    viewing: Viewing, permitted: _Decided, denied: _Decided, reading: Reading
) -> Profile:
    """What is shown of what was decided on; the look is entered with it."""
    found = opened(reading.records.contents([record for record, _ in permitted]))
    told = list(without_who_lives_with(found.records, viewing.hidden_whereabouts()))
    family = family_of(viewing.command.person, told)
    permitted, denied = _within(family, permitted), _within(family, denied)
    stored = [record for record, _ in permitted]
    own = [record for record in told if record.persons[0] in family]
    shown = OpenedFamily(
        ended.with_ends(own, viewing.today.isoformat()),
        [content for content in found.unread if content.persons[0] in family],
    )
    profile = _profile(viewing, permitted, denied, shown, reading)
    look = replace(
        _look(viewing, {record.category for record in stored}, permitted=True),
        shown_as_one=shown_as_one(stored, viewing.command.person),
    )
    reading.looks.save(look)
    entered: dict[str, FieldValue] = {
        "disclosure": look.disclosure,
        "subjects": {viewing.command.person, *whose(stored)},
        "purpose": viewing.command.purpose,
        "categories": look.categories,
        "withheld_categories": {record.category for record, _ in denied},
        "policy_version": profile.policy_version,
        "decided_from": profile.decided_from,
    }
    reading.ledger.append([_entry(_READ, entered, viewing)])
    return profile


def _profile(
    viewing: Viewing, permitted: _Decided, denied: _Decided, shown: OpenedFamily, reading: Reading
) -> Profile:
    today = viewing.today.isoformat()
    child, records = viewing.command.person, shown.records
    protected = viewing.protected_locations()
    besides = {content.persons[0] for content in shown.unread}
    family = family_sections(records, child, protected, today, besides)
    not_shared = _not_shared(viewing, denied)
    sources = _statuses(viewing, shown, family.people[0], not_shared, reading)
    return Profile(
        child=child,
        purpose=viewing.command.purpose,
        as_of=viewing.at,
        people=with_unread_death(family.people, sources),
        relatives=family.relatives,
        practitioners=sections.practitioners(records, _entries(records, reading), today),
        communication=sections.communication(records),
        story=story.story(records),
        timeline=sections.timeline(records, shown.unread),
        plans=sections.plans(records, today),
        sources=sources,
        not_shared=not_shared,
        location_protected=bool(protected & _named_in(shown, child)),
        shared_under_duty=_under_duty(permitted),
        policy_version=viewing.policy_version,
        decided_from=tuple(sorted({i for _, d in permitted for i in d.decided_from})),
        parents_are_not_told=viewing.parents_are_not_told(),
        is_by_emergency_alone=viewing.is_by_emergency_alone,
        kin=family.kin,
        households=family.households,
        parents_not_named=family.parents_not_named,
        communication_of_others=sections.communication_of_others(records),
        help_wanted=help_wanted(records),
        next_steps=next_steps(records),
        connections=connections(records),
    )


def _under_duty(permitted: _Decided) -> tuple[Category, ...]:
    return tuple(sorted({record.category for record, d in permitted if Reason.DUTY in d.reasons}))


def _entries(records: Iterable[PublishedRecord], reading: Reading) -> Directory:
    return entries_for(records, reading.directory)


def entries_for(
    records: Iterable[PublishedRecord],
    directory: Callable[[Collection[str], Collection[str]], Directory],
) -> Directory:
    """The workers and agencies that these records name."""
    involved = [p for record in records if isinstance(p := record.payload, Involvement)]
    return directory(
        {p.practitioner_ref for p in involved if p.practitioner_ref},
        {p.agency_code for p in involved if p.agency_code},
    )


def _within(family: Collection[PersonId], decided: _Decided) -> _Decided:
    """What is about somebody of the family; the first person is whose record it is."""
    return [(record, decision) for record, decision in decided if record.persons[0] in family]


def _named_in(shown: OpenedFamily, child: PersonId) -> frozenset[PersonId]:
    told = (each.persons for kind in (shown.records, shown.unread) for each in kind)
    return frozenset({child}.union(*told))


def _statuses(
    viewing: Viewing,
    records: OpenedFamily,
    child: PersonView,
    not_shared: Sequence[NotShared],
    reading: Reading,
) -> tuple[SourceStatus, ...]:
    """What each source has to say; the latest of a source is that of what is shown."""
    shown = _last_said(records)
    named = {entry.source for entry in not_shared}
    silent = viewing.sources_kept_from_nobody(set(Source) - named - set(shown))
    parked = reading.unread.about(viewing.command.person)
    return source_statuses(
        shown,
        named,
        viewing.sources_left_out(),
        born=child.date_of_birth,
        expected=child.expected_date_of_birth,
        last_heard=reading.last_heard(),
        today=viewing.today,
        last_updated=shown,
        definitive=silent - set(reading.unread.may_hold(viewing.command.person) if silent else ()),
        unread=[one for one in parked if viewing.may_know_of_unread(one)],
        more=more_at_sources(viewing, records),
    )


def _last_said(shown: OpenedFamily) -> dict[Source, str]:
    latest: dict[Source, str] = {}
    for record in shown.records:
        latest[record.source] = max(latest.get(record.source, ""), record.version)
    for content in shown.unread:
        versions = (item.version for item in content.items)
        latest[content.source] = max(latest.get(content.source, ""), *versions)
    return {source: as_of(version) for source, version in latest.items()}


def _not_shared(viewing: Viewing, denied: _Decided) -> tuple[NotShared, ...]:
    """What is named as not shared: only that of which the existence may be shown."""
    reasons: dict[tuple[Category, Source], set[Reason]] = {}
    for record, decision in denied:
        if viewing.ask(record, Mode.EXISTENCE).is_permitted:
            reasons.setdefault((record.category, record.source), set()).update(decision.reasons)
    return tuple(
        NotShared(category, source, tuple(sorted(why)))
        for (category, source), why in sorted(reasons.items())
    )


def refuse(
    viewing: Viewing, reasons: tuple[Reason, ...], *, looks: Looks, ledger: Ledger
) -> ProfileRefused:
    """Say that nothing is shown, and why; the look and its entry commit with the transaction."""
    looks.save(_look(viewing, (), permitted=False))
    entered: dict[str, FieldValue] = {
        "subjects": [viewing.command.person],
        "purpose": viewing.command.purpose,
        "reasons": reasons,
        "policy_version": viewing.policy_version,
    }
    ledger.append([_entry(_REFUSED, entered, viewing)])
    return ProfileRefused(reasons, viewing.policy_version)


_Events = tuple[LedgerEvent, LedgerEvent]
"""Of what was asked for on pages, and of what was on the screens of a partner."""
_READ: _Events = LedgerEvent.PROFILE_READ, LedgerEvent.PROFILE_READ_THROUGH_PARTNER
_REFUSED: _Events = (
    LedgerEvent.PROFILE_READ_REFUSED,
    LedgerEvent.PROFILE_READ_THROUGH_PARTNER_REFUSED,
)


def _entry(events: _Events, fields: Mapping[str, FieldValue], viewing: Viewing) -> LedgerEntry:
    on_pages, through_partner = events
    partner, actor = viewing.command.through, f"practitioner:{viewing.practitioner.id}"
    if partner is None:
        return ledger_entry(on_pages, fields, at=viewing.at, actor=actor)
    return ledger_entry(through_partner, {**fields, "partner": partner}, at=viewing.at, actor=actor)


def _look(
    viewing: Viewing, categories: set[Category] | tuple[()], *, permitted: bool
) -> Disclosure:
    return Disclosure(
        disclosure=str(new_entry_id(viewing.at)),
        person=viewing.command.person,
        practitioner=viewing.practitioner.id,
        purpose=viewing.command.purpose,
        permitted=permitted,
        categories=tuple(sorted(categories)),
        at=viewing.at,
    )


def entered_refusal(viewing: Viewing, opening: Opening) -> ProfileRefused | None:
    """Why the family is closed to whoever asks, if it is; entered as a refused reading is."""
    reasons = viewing.refusal()
    if reasons is None:
        return None
    return refuse(viewing, reasons, looks=opening.looks, ledger=opening.ledger)


# Who has looked, as it may be told.

_MOST_LOOKS = 200


def looks_told(
    who: SignedInPractitioner, person: PersonId, *, opening: Opening, looks: ListedLooks
) -> Sequence[ListedLook] | ProfileRefused:
    """The looks at this family of which the practitioner may know, newest first, or why none is.

    Row by row: a look at what they may not know exists is not told, nor an attempt that was
    refused, but for those of their own agency. The service of a town that looks tells in which
    town they live: to whoever may not know where one of them is, no other agency's are told.
    An emergency tells of none.
    """
    viewing, _ = view_family(reading_order(who, person, who.purpose), opening=opening)
    refused = entered_refusal(viewing, opening)
    if refused is not None:
        return refused
    viewing = viewing.without_emergency()
    if viewing.refused is not None:
        return []
    is_hidden = bool(viewing.hidden_whereabouts())
    return [
        look
        for look in looks.of(person, most=_MOST_LOOKS)
        if look.agency_name == who.agency_name
        or (not is_hidden and look.permitted and viewing.may_know_of_look(look.categories))
    ]
