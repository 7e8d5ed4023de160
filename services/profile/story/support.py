"""Who writes what a family wants help with, a next step, and that they are involved.

Writing asks for a relationship with the family, as the story does. Who wrote an entry may change
it, say what became of it, or take it back as entered in error; nobody else may. Whether it may be
published is asked of `decide`, as for every other source.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TypeVar

from connectors.family_hub import support as hub
from connectors.publishing.ports import Hasher
from connectors.publishing.written import instant
from consent import Reason
from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId, PractitionerId, RecordKey
from schemas.records.payloads import (
    FactStatus,
    HelpWanted,
    Involvement,
    NextStep,
    Period,
    Plan,
    WrittenHere,
)
from schemas.records.published import PublishedRecord
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, Purpose, Source
from services.people.practitioners.people import SignedInPractitioner
from services.profile.model import ProfileRefused
from services.profile.ports import StoredRecord
from services.profile.story.reading import StoryVisit
from services.profile.story.writing import StoryWriting


@dataclass(frozen=True, slots=True, repr=False)
class HelpSaid:
    """What a family wants help with, who helps if anybody does, and how far it is."""

    text: str
    helper: str | None = None
    status: FactStatus = FactStatus.PLANNED


@dataclass(frozen=True, slots=True, repr=False)
class StepSaid:
    """What is to be done next, by whom, by which day; `plan` is the key of a plan shown to them."""

    text: str
    who: str
    by: str | None = None
    plan: str | None = None
    status: FactStatus = FactStatus.PLANNED


@dataclass(frozen=True, slots=True, repr=False)
class InvolvedSaid:
    """That whoever says it works with the child, and on which number of their work to ring them."""

    telephone: str
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class SupportForm:
    """Which form was sent: the same `once` is the same form. `entry` is what it changes."""

    once: str
    purpose: Purpose
    entry: str | None = None


class SupportOutcome(Enum):
    """What became of it."""

    WRITTEN = auto()
    NOT_THEIRS = auto()
    """There is no such entry, or it is not shown to them, or another wrote it."""


@dataclass(frozen=True, slots=True)
class NotPublished:
    """Nothing was written: what the family decided lets nobody read it."""

    refused: ProfileRefused


_Said = TypeVar("_Said", HelpWanted, NextStep)
_KeyOf = Callable[[PersonId, PractitionerId, str, Hasher], RecordKey]
Answer = ProfileRefused | NotPublished | SupportOutcome


def say_help(
    who: SignedInPractitioner,
    person: PersonId,
    said: HelpSaid,
    form: SupportForm,
    *,
    writing: StoryWriting,
) -> Answer:
    """Write down what the family wants help with, or what became of what it wanted."""
    desk = _Desk.of(who, person, form.purpose, writing)
    if desk.visit.refused is not None:
        return desk.visit.refused
    before, stands = desk.standing(form, HelpWanted, hub.key_of_help)
    if form.entry and stands is None:
        return SupportOutcome.NOT_THEIRS
    since = desk.since(said.status, stands)
    wanted = HelpWanted(said.text, desk.written(stands), said.helper, said.status, since)
    key = before.key if before else hub.key_of_help(desk.child, who.id, form.once, desk.hasher)
    return desk.say(hub.SaySupport(key, desk.child, wanted, before, form.once, who.actor))


def say_step(
    who: SignedInPractitioner,
    person: PersonId,
    said: StepSaid,
    form: SupportForm,
    *,
    writing: StoryWriting,
) -> Answer:
    """Write down a next step, or what became of it; it stays with the plan it was written for."""
    desk = _Desk.of(who, person, form.purpose, writing)
    if desk.visit.refused is not None:
        return desk.visit.refused
    before, stands = desk.standing(form, NextStep, hub.key_of_step)
    if form.entry and stands is None:
        return SupportOutcome.NOT_THEIRS
    category = before.category if before else desk.category_of(said.plan)
    if category is None:
        return SupportOutcome.NOT_THEIRS
    plan = stands.plan if stands else said.plan
    since = desk.since(said.status, stands)
    written = desk.written(stands)
    step = NextStep(said.text, said.who, written, said.by, plan, said.status, since)
    key = before.key if before else hub.key_of_step(desk.child, who.id, form.once, desk.hasher)
    order = hub.SaySupport(key, desk.child, step, before, form.once, who.actor, category)
    return desk.say(order)


def say_involved(
    who: SignedInPractitioner,
    person: PersonId,
    said: InvolvedSaid,
    form: SupportForm,
    *,
    writing: StoryWriting,
) -> Answer:
    """Write down that they work with the child, on which number, or that they do no longer."""
    desk = _Desk.of(who, person, form.purpose, writing)
    if desk.visit.refused is not None:
        return desk.visit.refused
    before = desk.involvement
    stands = before.payload if before and isinstance(before.payload, Involvement) else None
    if said.is_over and stands is None:
        return SupportOutcome.NOT_THEIRS
    key = before.key if before else hub.key_of_involvement(desk.child, who.id, desk.hasher)
    involved = _involvement(who, said, stands, desk.today)
    return desk.say(hub.SaySupport(key, desk.child, involved, before, form.once, who.actor))


def take_back(
    who: SignedInPractitioner, person: PersonId, form: SupportForm, *, writing: StoryWriting
) -> Answer:
    """Remove what they entered in error; without `entry`, that they are involved."""
    desk = _Desk.of(who, person, form.purpose, writing)
    if desk.visit.refused is not None:
        return desk.visit.refused
    before = desk.own.get(form.entry) if form.entry else desk.involvement
    if before is None:
        return SupportOutcome.NOT_THEIRS
    order = hub.TakeBackSupport(before, form.once, who.actor)
    hub.take_back_support(order, publishing=writing.publishing)
    return SupportOutcome.WRITTEN


def involvement_of(
    who: SignedInPractitioner, person: PersonId, purpose: Purpose, *, writing: StoryWriting
) -> Involvement | ProfileRefused | None:
    """What they said of themselves and this child, if it is shown to them."""
    desk = _Desk.of(who, person, purpose, writing)
    if desk.visit.refused is not None:
        return desk.visit.refused
    before = desk.involvement
    return before.payload if before and isinstance(before.payload, Involvement) else None


def _involvement(
    who: SignedInPractitioner, said: InvolvedSaid, stands: Involvement | None, today: str
) -> Involvement:
    """The agency is the service, so that it is told from what a school or authority sends of it."""
    goes_on = stands is not None and stands.status is FactStatus.HOLDS
    start = stands.period.start if stands and (goes_on or said.is_over) else today
    end = None
    if said.is_over:
        end = stands.period.end if stands and not goes_on else today
    return Involvement(
        service=who.agency_name,
        agency_code=who.agency_code,
        agency_name=who.agency_name,
        practitioner_name=who.name,
        role=who.job_title,
        telephone=None if said.is_over else said.telephone,
        period=Period(start, end),
        status=FactStatus.ENDED if said.is_over else FactStatus.HOLDS,
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """One practitioner writing about one child, with what they wrote before."""

    who: SignedInPractitioner
    visit: StoryVisit
    writing: StoryWriting

    @classmethod
    def of(
        cls, who: SignedInPractitioner, person: PersonId, purpose: Purpose, writing: StoryWriting
    ) -> "_Desk":
        return cls(who, StoryVisit.of(who, person, purpose, writing.opening), writing)

    @property
    def child(self) -> PersonId:
        return self.visit.child

    @property
    def hasher(self) -> Hasher:
        return self.writing.publishing.hasher

    @property
    def today(self) -> str:
        return uk_day(self.writing.opening.at).isoformat()

    @property
    def accounts(self) -> Sequence[PractitionerId]:
        """Theirs: the one they are signed in with first."""
        return (self.who.id, *sorted(self.who.also - {self.who.id}))

    @property
    def own(self) -> Mapping[str, PublishedRecord]:
        """Help wanted and next steps that they wrote and may read now, by key."""
        return {
            record.key: record
            for _, record in self._written_here()
            if isinstance(said := record.payload, HelpWanted | NextStep)
            and said.written.author in self.accounts
        }

    @property
    def involvement(self) -> PublishedRecord | None:
        """That they are, or were, involved with the child, as any account of theirs said."""
        for sealed, record in self._written_here():
            keys = {
                hub.key_of_involvement(sealed.stored_under, account, self.hasher)
                for account in self.accounts
            }
            if sealed.persons[0] == self.child and record.key in keys:
                return record
        return None

    def standing(
        self, form: SupportForm, kind: type[_Said], key_of: _KeyOf
    ) -> tuple[PublishedRecord | None, _Said | None]:
        """The entry that a form changes, or wrote already where it is sent again; what it says."""
        key = form.entry or key_of(self.child, self.who.id, form.once, self.hasher)
        before = self.own.get(key)
        said = None if before is None else before.payload
        return before, said if isinstance(said, kind) else None

    def category_of(self, plan: str | None) -> Category | None:
        """Of what category a step of this plan is; None where no such plan is shown to them."""
        if plan is None:
            return Category.EARLY_HELP
        sealed = [record for record in self.visit.readable if record.category is not Category.STORY]
        opened = self.visit.opening.records.open(sealed)
        found = (r.category for r in opened if r.key == plan and isinstance(r.payload, Plan))
        return next(found, None)

    def written(self, stands: HelpWanted | NextStep | None) -> WrittenHere:
        """Who wrote it first stays."""
        if stands is not None:
            return stands.written
        who, at = self.who, instant(self.writing.opening.at)
        return WrittenHere(f"{who.name}, {who.job_title}, {who.agency_name}", at, who.id)

    def since(self, status: FactStatus, stands: HelpWanted | NextStep | None) -> str | None:
        """The day from which it stands so."""
        if stands is not None and stands.status is status:
            return stands.since
        return self.today

    def say(self, order: hub.SaySupport) -> NotPublished | SupportOutcome:
        """Publish it, or enter that it was refused."""
        reasons = hub.say_support(order, publishing=self.writing.publishing)
        return self._not_published(reasons) if reasons else SupportOutcome.WRITTEN

    def _not_published(self, reasons: tuple[Reason, ...]) -> NotPublished:
        viewing, opening = self.visit.viewing, self.visit.opening
        fields: dict[str, FieldValue] = {
            "subjects": [self.child],
            "reasons": reasons,
            "policy_version": viewing.policy_version,
        }
        event = LedgerEvent.SUPPORT_REFUSED
        entry = ledger_entry(event, fields, at=opening.at, actor=self.who.actor)
        opening.ledger.append([entry])
        return NotPublished(ProfileRefused(reasons, viewing.policy_version))

    def _written_here(self) -> Iterator[tuple[StoredRecord, PublishedRecord]]:
        """What was written on these pages beside the story, under the ids it is stored under."""
        for sealed in self.visit.readable:
            if sealed.source is not Source.FAMILY_HUB or sealed.category is Category.STORY:
                continue
            for record in self.visit.opening.records.open([sealed]):
                persons = (sealed.stored_under, *record.persons[1:])
                yield sealed, replace(record, persons=persons)
