"""Reading one family: who belongs to it, what is shown; the look is entered before the answer."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from consent import Decision, Reason
from consent.ledger import FieldValue, LedgerEntry, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.model import Mode
from consent.ports import Clock, Decisions, Ledger
from schemas.identifiers import DecisionId, PersonId
from schemas.records.payloads import Involvement, RelationshipKind
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from services.people.practitioners.people import Directory, LastHeard, SignedInPractitioner
from services.profile.merging import ended, sections
from services.profile.merging.connections import connections
from services.profile.merging.family import ties_in
from services.profile.merging.households import family_sections
from services.profile.merging.support import help_wanted, next_steps
from services.profile.merging.timeline import OpenedFamily, opened
from services.profile.model import NotShared, Profile, ProfileRefused, SourceStatus
from services.profile.opening import view_family
from services.profile.parts.kept.answers import FinishedAnswer, kept_in, slot_for
from services.profile.parts.kept.forms import AS_PROFILE, Form
from services.profile.parts.kept.sealed import Keeping
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
from services.profile.source_status import (
    ShownOfSources,
    shown_of_sources,
    source_statuses,
    with_unread_death,
)
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
_Told = TypeVar("_Told")


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading works with; every port joins one transaction.

    `directory` gives these workers, by their agencies' own ids, and these agencies' telephones.
    Without `keeping` no answer is kept.
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
    keeping: Keeping | None = None

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
    """One family as the practitioner may see it, or why not; as `read_as` reads it."""
    return read_as(AS_PROFILE, command, reading=reading)


def read_as(form: Form[_Told], command: ReadProfile, *, reading: Reading) -> _Told | ProfileRefused:
    """One family as the practitioner may see it, in this form, or why not.

    Decisions are read in the same transaction as the records, so a withdrawal is in force for
    the very next call. The look or the refusal is in the ledger when the caller commits; nothing
    may be shown before that. A refusal is an answer, not an error (STYLE.md 12). What is permitted
    is opened and put together, unless that was done before of just the same and is kept sealed.
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
    slot = slot_for(form.name, viewing, decided, reading.keeping)
    kept = kept_in(slot)
    if kept is None:
        found = _read_opened(viewing, permitted, denied, reading)
        if slot is not None:
            content = form.written(found.profile)
            slot.keep(FinishedAnswer(found.family, found.of_sources, content).written())
        return form.made(found.profile)
    shown, hidden = _within(kept.family, permitted), _within(kept.family, denied)
    sources = _statuses(viewing, kept.of_sources, _not_shared(viewing, hidden), reading)
    _enter(viewing, shown, hidden, reading)
    return form.told(kept.content, sources, viewing.at)


def read_opened(
    viewing: Viewing, permitted: _Decided, denied: _Decided, reading: Reading
) -> Profile:
    """What is shown of what was decided on; the look is entered with it."""
    return _read_opened(viewing, permitted, denied, reading).profile


class _ReadProfile(NamedTuple):
    """A profile, whose records it shows, and what the statuses of its sources are told from."""

    profile: Profile
    family: frozenset[PersonId]
    of_sources: ShownOfSources


def _read_opened(
    viewing: Viewing, permitted: _Decided, denied: _Decided, reading: Reading
) -> _ReadProfile:
    found = opened(reading.records.contents([record for record, _ in permitted]))
    told = list(without_who_lives_with(found.records, viewing.hidden_whereabouts()))
    family = family_of(viewing.command.person, told)
    permitted, denied = _within(family, permitted), _within(family, denied)
    own = [record for record in told if record.persons[0] in family]
    shown = OpenedFamily(
        ended.with_ends(own, viewing.today.isoformat()),
        [content for content in found.unread if content.persons[0] in family],
    )
    profile, of_sources = _profile(viewing, permitted, denied, shown, reading)
    _enter(viewing, permitted, denied, reading)
    return _ReadProfile(profile, family, of_sources)


def _enter(viewing: Viewing, permitted: _Decided, denied: _Decided, reading: Reading) -> None:
    """Enter the look: whose records were shown, of which categories, and by which decisions."""
    stored = [record for record, _ in permitted]
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
        "policy_version": viewing.policy_version,
        "decided_from": _decided_from(permitted),
    }
    reading.ledger.append([_entry(_READ, entered, viewing)])


def _decided_from(permitted: _Decided) -> tuple[DecisionId, ...]:
    return tuple(sorted({i for _, decision in permitted for i in decision.decided_from}))


def _profile(
    viewing: Viewing, permitted: _Decided, denied: _Decided, shown: OpenedFamily, reading: Reading
) -> tuple[Profile, ShownOfSources]:
    today = viewing.today.isoformat()
    child, records = viewing.command.person, shown.records
    protected = viewing.protected_locations()
    besides = {content.persons[0] for content in shown.unread}
    family = family_sections(records, child, protected, today, besides)
    not_shared = _not_shared(viewing, denied)
    of_sources = shown_of_sources(viewing, shown, family.people[0])
    sources = _statuses(viewing, of_sources, not_shared, reading)
    profile = Profile(
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
        decided_from=_decided_from(permitted),
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
    return profile, of_sources


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
    shown: ShownOfSources,
    not_shared: Sequence[NotShared],
    reading: Reading,
) -> tuple[SourceStatus, ...]:
    """What each source has to say; the latest of a source is that of what is shown."""
    named = {entry.source for entry in not_shared}
    silent = viewing.sources_kept_from_nobody(set(Source) - named - set(shown.last_updated))
    parked = reading.unread.about(viewing.command.person)
    return source_statuses(
        shown.last_updated,
        named,
        viewing.sources_left_out(),
        born=shown.born,
        expected=shown.expected,
        last_heard=reading.last_heard(),
        today=viewing.today,
        last_updated=shown.last_updated,
        definitive=silent - set(reading.unread.may_hold(viewing.command.person) if silent else ()),
        unread=[one for one in parked if viewing.may_know_of_unread(one)],
        more=shown.more,
    )


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
