"""The story's part of the pages' services: who writes, corrects, confirms and keeps what."""

from collections.abc import Collection, Sequence

from connectors.family_hub import (
    AddStory,
    ConfirmStory,
    CorrectStory,
    KeepStory,
    add_story,
    confirm_story,
    correct_story,
    keep_story,
)
from connectors.publishing import Publishing
from connectors.story_entries import Told
from consent import Practitioner, Reason
from schemas.identifiers import PersonId
from schemas.kept_to import KeptTo, is_within
from schemas.records.payloads import StoryEntry
from schemas.vocabulary import Purpose, Source
from services.adapters.colleagues import PostgresColleagues
from services.adapters.kept_to_fewer import keep_to_fewer
from services.adapters.portal_story_view import StoryVisit
from services.adapters.portal_work import PortalWork
from services.adapters.unit_of_work import UnitOfWork
from services.aggregation.profile import ProfileRefused
from services.aggregation.story_readers import named_in, readers_of
from services.aggregation.story_views import StoryScope
from services.portal.people import SignedInPractitioner
from services.portal.story_ports import (
    Colleague,
    NamedReader,
    StoryOutcome,
    StoryReaders,
    ToldStory,
)

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
