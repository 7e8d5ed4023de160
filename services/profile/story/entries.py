"""The family's story from its records, and who could read an entry: pure, in whatever order.

A correction or a confirmation may come before what it is about, or of something that is not
shared with the viewer; then it changes nothing that is shown, and what it says stands by itself:
it does not name what is not shown.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from consent import AccessRequest, OnRecord, Practitioner
from consent.agreement import Agency
from consent.deciding.decide import Answers
from consent.model import LegitimateRelationship, RelationshipGround, RestrictionScope
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.payloads import StoryConfirmation, StoryEntry
from schemas.records.published import PublishedRecord, recipients_in
from schemas.vocabulary import SERVICES_HERE, Category, Purpose, Role, Source
from services.profile.merging.claims import InOrder, latest_first
from services.profile.model import StoryCorrection, StoryScope, StoryView


def story(records: Iterable[PublishedRecord]) -> tuple[StoryView, ...]:
    """What the family said, newest first; each entry with its corrections and confirmations."""
    ordered = latest_first(records)
    entries = ordered.of(StoryEntry)
    shown = frozenset(record.key for record, _ in entries)
    corrections = _corrections(entries)
    confirmations = _confirmations(ordered, shown)
    views = {
        record.key: StoryView(
            key=record.key,
            entry=entry if entry.corrects in shown else replace(entry, corrects=None),
            corrections=tuple(corrections.get(record.key, ())),
            confirmations=tuple(confirmations.get(record.key, ())),
            about=record.persons,
            kept_to=record.kept_to,
            source=record.source,
        )
        for record, entry in reversed(entries)
    }
    return tuple(sorted(views.values(), key=_when_written, reverse=True))


def entries_in_chain(keys: Collection[str], corrects: Mapping[str, str | None]) -> frozenset[str]:
    """These entries, all that correct them and all that they correct: one thing that was said."""
    chain = set(keys)
    while True:
        more = {
            end
            for key, corrected in corrects.items()
            for end in (key, corrected)
            if end is not None and corrected is not None and chain & {key, corrected}
        } - chain
        if not more:
            return frozenset(chain)
        chain |= more


def _corrections(
    entries: Iterable[tuple[PublishedRecord, StoryEntry]],
) -> Mapping[str, list[StoryCorrection]]:
    """Who corrected each entry, the latest first. Nothing corrects itself."""
    found: dict[str, list[StoryCorrection]] = {}
    for record, entry in sorted(entries, key=_when_said, reverse=True):
        if entry.corrects and entry.corrects != record.key:
            correction = StoryCorrection(
                record.key, entry.told_by, entry.written_by, entry.written_at
            )
            found.setdefault(entry.corrects, []).append(correction)
    return found


def _confirmations(
    records: InOrder, shown: Collection[str]
) -> Mapping[str, list[StoryConfirmation]]:
    """When each entry that is shown was confirmed, the latest first."""
    found: dict[str, list[StoryConfirmation]] = {}
    said = sorted(records.of(StoryConfirmation), key=_when_said, reverse=True)
    for _, confirmation in said:
        told = tuple(key for key in confirmation.confirms if key in shown)
        for key in told:
            found.setdefault(key, []).append(replace(confirmation, confirms=told))
    return found


def _when_said(
    found: tuple[PublishedRecord, StoryEntry | StoryConfirmation],
) -> tuple[str, str]:
    record, said = found
    return said.written_at, record.key


def _when_written(view: StoryView) -> tuple[str, str]:
    return view.entry.written_at, view.key


# Who could read an entry: asked from `decide` and from nothing else.

PURPOSES_OF_WORK = (
    Purpose.EARLY_HELP,
    Purpose.DIRECT_CARE,
    Purpose.SAFEGUARDING,
    Purpose.SERVICE_IMPROVEMENT,
)
"""What professionals read for; that the family itself may ask for what is held needs no telling."""
_ANYBODY = PractitionerId("0" * 32)
_PRACTITIONER = "practitioner:"


@dataclass(frozen=True, slots=True)
class AgencyReaders:
    """Those of one kind of agency who work with the family, and for which purposes they may read.

    `leads_only` where none but lead practitioners may.
    """

    agency: Agency
    purposes: tuple[Purpose, ...]
    leads_only: bool = False


@dataclass(frozen=True, slots=True)
class Readers:
    """Whole agencies first, then the purposes of each practitioner who was asked about by name."""

    agencies: tuple[AgencyReaders, ...]
    by_name: Mapping[PractitionerId, tuple[Purpose, ...]]


def named_in(
    scope: StoryScope, on_record: Mapping[PersonId, OnRecord], at: datetime
) -> frozenset[PractitionerId]:
    """The practitioners whom anything names that may bear on this entry."""
    found = {mark for mark in recipients_in(scope.kept_to) if mark.startswith(_PRACTITIONER)}
    allowed: set[PractitionerId] = set()
    for person in scope.about:
        known = on_record.get(person, OnRecord())
        found.update(
            name
            for decision in known.decisions
            if Category.STORY in decision.categories
            for name in decision.recipients
            if name.startswith(_PRACTITIONER)
        )
        for restriction in known.restrictions:
            if restriction.scope is RestrictionScope.PERSON and restriction.is_in_force(at):
                allowed |= restriction.allowed
    return frozenset({PractitionerId(n.removeprefix(_PRACTITIONER)) for n in found} | allowed)


def readers_of(
    scope: StoryScope, *, answers: Answers, named: Iterable[Practitioner], at: datetime
) -> Readers:
    """Who could read an entry of this scope, if they work with the family.

    `named` are practitioners about whom to ask one by one. Says nothing of who does work with
    the family, and opens nothing: at every read it is decided again.
    """
    asking = _Asking(scope, answers, at)
    agencies = (asking.of_agency(agency) for agency in SERVICES_HERE)
    return Readers(
        agencies=tuple(found for found in agencies if found is not None),
        by_name={one.id: asking.purposes_of(one.id, one.role, one.agency) for one in named},
    )


@dataclass(frozen=True, slots=True)
class _Asking:
    scope: StoryScope
    answers: Answers
    at: datetime

    def of_agency(self, agency: Agency) -> AgencyReaders | None:
        anybody = self.purposes_of(_ANYBODY, Role.PRACTITIONER, agency)
        if anybody:
            return AgencyReaders(agency, anybody)
        leads = self.purposes_of(_ANYBODY, Role.LEAD_PRACTITIONER, agency)
        return AgencyReaders(agency, leads, leads_only=True) if leads else None

    def purposes_of(
        self, practitioner: PractitionerId, role: str, agency: str
    ) -> tuple[Purpose, ...]:
        who = self._working_with_them(practitioner, role, agency)
        return tuple(purpose for purpose in PURPOSES_OF_WORK if self._may_read(who, purpose))

    def _may_read(self, who: Practitioner, purpose: Purpose) -> bool:
        request = AccessRequest(
            self.scope.about,
            Category.STORY,
            Source.FAMILY_HUB,
            who,
            self.at,
            purpose,
            kept_to=self.scope.kept_to,
        )
        return self.answers.to(request).is_permitted

    def _working_with_them(
        self, practitioner: PractitionerId, role: str, agency: str
    ) -> Practitioner:
        with_them = tuple(
            LegitimateRelationship(practitioner, person, RelationshipGround.CASE_LOAD, self.at)
            for person in self.scope.about
        )
        return Practitioner(practitioner, role, agency, with_them)
