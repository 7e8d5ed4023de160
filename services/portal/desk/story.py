"""The story's part of the pages' services: who writes, corrects, confirms and keeps what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from connectors.family_hub.story import (
    AddStory,
    ConfirmStory,
    CorrectStory,
    KeepStory,
    Told,
    add_story,
    confirm_story,
    correct_story,
    keep_story,
)
from connectors.publishing.publish import Publishing
from consent import Practitioner, Reason
from schemas.identifiers import PersonId
from schemas.records.payloads import Involvement, Payload, StoryEntry
from schemas.records.published import KeptTo, PublishedRecord, is_within
from schemas.vocabulary import Category, Purpose, Source
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_directory import PostgresColleagues
from services.portal.desk.work import PortalWork, reading_order
from services.portal.story.ports import (
    Colleague,
    NamedReader,
    StoryOutcome,
    StoryReaders,
    ToldStory,
)
from services.profile.model import ProfileRefused, StoryScope, StoryView
from services.profile.ports import StoredRecord
from services.profile.postgres import keep_to_fewer
from services.profile.reading import family_of
from services.profile.story import entries_in_chain, named_in, readers_of, story
from services.profile.viewing import Viewing, view_family
from services.work import UnitOfWork

# What one practitioner may read of a family's story, in the transaction that changes it.


@dataclass(frozen=True)
class StoryVisit:
    """A practitioner, a family and a purpose; nothing is opened that `decide` does not permit."""

    work: UnitOfWork
    viewing: Viewing
    found: Sequence[StoredRecord]

    @classmethod
    def of(
        cls, who: SignedInPractitioner, person: PersonId, purpose: Purpose, work: UnitOfWork
    ) -> "StoryVisit":
        """Open the family for this purpose."""
        viewing, found = view_family(
            reading_order(who, person, purpose),
            at=work.now,
            records=work.records,
            decisions=work.decisions,
            case_loads=work.case_loads,
        )
        return cls(work, viewing, found)

    @property
    def child(self) -> PersonId:
        """Whose page it is, by the id known outside."""
        return self.viewing.command.person

    @property
    def refused(self) -> ProfileRefused | None:
        """Why the practitioner has nothing to do with this family, if so."""
        reasons = self.viewing.refusal()
        return None if reasons is None else ProfileRefused(reasons, self.viewing.policy_version)

    @cached_property
    def readable(self) -> Sequence[StoredRecord]:
        """Every record of the family that the practitioner may read now, sealed.

        Somebody whom the page does not show, as another child of a foster carer, is none of it.
        """
        permitted = [record for record in self.found if self.viewing.ask(record).is_permitted]
        family = family_of(self.child, self.work.records.open(permitted))
        return [record for record in permitted if record.persons[0] in family]

    @cached_property
    def records(self) -> Mapping[str, PublishedRecord]:
        """The records of the story by their keys, opened, under the ids they are stored under."""
        sealed = {r.key: r for r in self.readable if r.category is Category.STORY}
        return {
            record.key: _as_stored(record, sealed[record.key])
            for record in self.work.records.open(list(sealed.values()))
            if record.key in sealed
        }

    @cached_property
    def entries(self) -> Mapping[str, StoryView]:
        """What the family said, by key, with what was said of it later."""
        return {view.key: view for view in story(self.records.values())}

    def chain_of(self, entry: str) -> Sequence[PublishedRecord]:
        """The entry's record with those that correct it or are corrected by it."""
        corrects = {
            key: said.corrects
            for key, record in self.records.items()
            if isinstance(said := record.payload, StoryEntry)
        }
        chain = entries_in_chain([entry], corrects)
        return [self.records[key] for key in sorted(chain) if key in self.records]

    def knows_of(self, persons: Collection[PersonId]) -> bool:
        """Whether some record that the practitioner may read is about each of them."""
        return {p for record in self.readable for p in record.persons}.issuperset(persons)

    def workers(self) -> frozenset[str]:
        """By their agencies' own ids, those who are shown to work with the family."""
        said: list[Payload | None] = [r.payload for r in self.work.records.open(self.readable)]
        return frozenset(
            p.practitioner_ref for p in said if isinstance(p, Involvement) and p.practitioner_ref
        )


def _as_stored(record: PublishedRecord, sealed: StoredRecord) -> PublishedRecord:
    """A later version of it has to lie where the first one does.

    Whom it is kept to may have become fewer than when it was sealed.
    """
    persons = (sealed.stored_under, *record.persons[1:])
    return replace(record, persons=persons, kept_to=sealed.kept_to)


Changed = ProfileRefused | StoryOutcome


class StoriesOnDatabase(PortalWork):
    """StoryServices on PostgreSQL."""

    def add_story(
        self, who: SignedInPractitioner, person: PersonId, told: ToldStory
    ) -> ProfileRefused | None:
        """Write down what the family said; shared as its decisions about its story say."""
        with self._work() as work:
            visit = StoryVisit.of(who, person, who.purpose, work)
            if visit.refused is not None:
                return visit.refused
            if told.about and not visit.knows_of(told.about):
                return ProfileRefused((Reason.NO_RELATIONSHIP,), visit.viewing.policy_version)
            persons = tuple(dict.fromkeys((visit.child, *told.about)))
            command = AddStory(persons, _entry(told, who, work), _actor(who), told.kept_to)
            return _refused(add_story(command, publishing=_hub(work)), visit)

    def correct_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entry: str,
        told: ToldStory,
    ) -> Changed:
        """Put other words in an entry's place; whom it is about and kept to stays as it was."""
        with self._work() as work:
            visit = StoryVisit.of(who, person, purpose, work)
            why_not = _why_not(visit, [entry])
            if why_not is not None:
                return why_not
            command = CorrectStory(visit.records[entry], _entry(told, who, work), _actor(who))
            return _done(correct_story(command, publishing=_hub(work)), visit)

    def confirm_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entries: Collection[str],
        *,
        told_by: str,
    ) -> Changed:
        """Write down that nothing has changed in these entries: all of them, or none."""
        with self._work() as work:
            visit = StoryVisit.of(who, person, purpose, work)
            why_not = _why_not(visit, entries)
            if why_not is not None:
                return why_not
            confirmed = [visit.records[key] for key in sorted(set(entries))]
            command = ConfirmStory(confirmed, Told(told_by, _writer(who), _at(work)), _actor(who))
            return _done(confirm_story(command, publishing=_hub(work)), visit)

    def keep_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entry: str,
        kept_to: frozenset[KeptTo],
    ) -> Changed:
        """Keep an entry, and all that corrects or is corrected by it, to fewer people."""
        with self._work() as work:
            visit = StoryVisit.of(who, person, purpose, work)
            if visit.refused is not None:
                return visit.refused
            if entry not in visit.entries:
                return StoryOutcome.NOT_SHOWN
            chain = visit.chain_of(entry)
            if not all(is_within(kept_to, record.kept_to) for record in chain):
                return StoryOutcome.WIDER_THAN_BEFORE
            command = KeepStory(chain, kept_to, _actor(who))
            reasons = keep_story(command, publishing=_hub(work))
            if not reasons:
                keep_to_fewer(chain, kept_to, work.connection)
            return _done(reasons, visit)

    def story_readers(
        self, who: SignedInPractitioner, person: PersonId, scopes: Sequence[StoryScope]
    ) -> Sequence[StoryReaders] | ProfileRefused:
        """Who could read an entry of each of these scopes, in their order."""
        with self._work() as work:
            visit = StoryVisit.of(who, person, who.purpose, work)
            return visit.refused or [_readers(scope, who, visit) for scope in scopes]

    def who_may_be_named(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Sequence[Colleague]:
        """To whom an entry may be kept by name: `who`, and whom the profile shows to work here."""
        with self._work() as work:
            visit = StoryVisit.of(who, person, purpose, work)
            if visit.refused is not None:
                return []
            others = PostgresColleagues(work.connection).behind(visit.workers())
        return [_colleague(who), *(_colleague(one) for one in others if one.id != who.id)]


def _readers(scope: StoryScope, who: SignedInPractitioner, visit: StoryVisit) -> StoryReaders:
    viewing = visit.viewing
    named = named_in(scope, viewing.on_record, viewing.at)
    known = {**PostgresColleagues(visit.work.connection).known(named), who.id: who}
    asked = [Practitioner(one.id, one.role, one.agency_kind) for one in known.values()]
    found = readers_of(scope, answers=viewing.answers, named=asked, at=viewing.at)
    return StoryReaders(
        agencies=found.agencies,
        named=tuple(
            NamedReader(_colleague(one), found.by_name[one.id])
            for one in known.values()
            if one.id in named
        ),
        may_you=bool(found.by_name[who.id]),
    )


def _why_not(visit: StoryVisit, entries: Collection[str]) -> Changed | None:
    """Why these entries cannot be corrected or confirmed by whoever visits, if so."""
    if visit.refused is not None:
        return visit.refused
    if not entries or not visit.entries.keys() >= set(entries):
        return StoryOutcome.NOT_SHOWN
    if any(visit.entries[key].corrections for key in entries):
        return StoryOutcome.CORRECTED_BEFORE
    return None


def _entry(told: ToldStory, who: SignedInPractitioner, work: UnitOfWork) -> StoryEntry:
    return StoryEntry(
        told.text, told.told_by, _writer(who), _at(work), with_whom=told.with_whom or None
    )


def _hub(work: UnitOfWork) -> Publishing:
    return work.publishing(Source.FAMILY_HUB, None)


def _at(work: UnitOfWork) -> str:
    return work.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _actor(who: SignedInPractitioner) -> str:
    return f"practitioner:{who.id}"


def _writer(who: SignedInPractitioner) -> str:
    return f"{who.name}, {who.job_title}"


def _colleague(who: SignedInPractitioner) -> Colleague:
    return Colleague(who.id, who.name, who.job_title, who.agency_name)


def _refused(reasons: tuple[Reason, ...], visit: StoryVisit) -> ProfileRefused | None:
    return ProfileRefused(reasons, visit.viewing.policy_version) if reasons else None


def _done(reasons: tuple[Reason, ...], visit: StoryVisit) -> Changed:
    return _refused(reasons, visit) or StoryOutcome.WRITTEN
