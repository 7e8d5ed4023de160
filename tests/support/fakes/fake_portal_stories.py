"""The story in memory: the real merge and the core's own rules, without bus or ledger."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from connectors.family_hub.story import Told, confirmation_of, correction_of, record_of
from consent import AccessRequest, OnRecord, Practitioner, Reason, SharedProfile
from consent.deciding.decide import Answers
from consent.model import LegitimateRelationship, RelationshipGround
from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import StoryEntry
from schemas.records.published import KeptTo, PublishedRecord, is_within
from schemas.vocabulary import Category, Purpose, Source
from services.people.practitioners.people import SignedInPractitioner
from services.profile.model import ProfileRefused, StoryScope, StoryView
from services.profile.story.entries import entries_in_chain, named_in, readers_of, story
from services.profile.story.reading import Colleague, NamedReader, StoryReaders
from services.profile.story.writing import StoryOutcome, ToldStory
from tests.support.builders import ALL_AGREED
from tests.support.fakes.fake_portal_decisions import FakeDecisionServices

Changed = ProfileRefused | StoryOutcome


class FakeHasher:
    """Opaque ids that anybody could make again."""

    def opaque(self, kind: str, *parts: str) -> str:
        return sha256("\n".join((kind, *parts)).encode()).hexdigest()


@dataclass(slots=True)
class FakeStoryServices(FakeDecisionServices):
    """What families said, as records; those of the invented profiles among them."""

    told: dict[PersonId, list[PublishedRecord]] = field(default_factory=dict)

    def add_story(
        self, who: SignedInPractitioner, person: PersonId, told: ToldStory
    ) -> ProfileRefused | None:
        if not self.has_relationship(who, person):
            return refused_for(Reason.NO_RELATIONSHIP)
        known = {p.id for p in self.profiles[person].people}
        if not known.issuperset(told.about):
            return refused_for(Reason.NO_RELATIONSHIP)
        persons = (person, *told.about)
        record = record_of(persons, self._entry(told, who), told.kept_to, FakeHasher())
        return self._publish(person, record)

    def correct_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entry: str,
        told: ToldStory,
    ) -> Changed:
        why_not = self._why_not_changed(who, person, purpose, [entry])
        if why_not is not None:
            return why_not
        corrected = self._records(person)[entry]
        record = correction_of(corrected, self._entry(told, who), FakeHasher())
        return self._publish(person, record) or StoryOutcome.WRITTEN

    def confirm_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entries: Collection[str],
        *,
        told_by: str,
    ) -> Changed:
        why_not = self._why_not_changed(who, person, purpose, entries)
        if why_not is not None:
            return why_not
        told = Told(told_by, who.name, self.now().isoformat())
        for key in entries:
            self._publish(person, confirmation_of([self._records(person)[key]], told, FakeHasher()))
        return StoryOutcome.WRITTEN

    def keep_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entry: str,
        kept_to: frozenset[KeptTo],
    ) -> Changed:
        views = {view.key: view for view in self.story_of(who, person, purpose)}
        if not self.has_relationship(who, person):
            return refused_for(Reason.NO_RELATIONSHIP)
        if entry not in views:
            return StoryOutcome.NOT_SHOWN
        chain = entries_in_chain([entry], {k: v.entry.corrects for k, v in views.items()})
        kept = [record for key, record in self._records(person).items() if key in chain]
        if not all(is_within(kept_to, record.kept_to) for record in kept):
            return StoryOutcome.WIDER_THAN_BEFORE
        for record in kept:
            later = replace(record, kept_to=kept_to, version=f"{record.version}+")
            self.told.setdefault(person, []).append(later)
        return StoryOutcome.WRITTEN

    def story_readers(
        self, who: SignedInPractitioner, person: PersonId, scopes: Sequence[StoryScope]
    ) -> Sequence[StoryReaders] | ProfileRefused:
        self.fail_if_broken()
        if not self.has_relationship(who, person):
            return refused_for(Reason.NO_RELATIONSHIP)
        return [self._readers(scope, who) for scope in scopes]

    def who_may_be_named(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,  # noqa: ARG002 the same people for every purpose
    ) -> Sequence[Colleague]:
        if not self.has_relationship(who, person):
            return []
        return [_colleague(who), *(_colleague(one) for one in self.people[1:2] if one != who)]

    def story_of(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> tuple[StoryView, ...]:
        """Merge what this practitioner may read, by the core's rules where something is kept."""
        records = self._records(person).values()
        return story([r for r in records if self._may_read(r, who, purpose)])

    def _records(self, person: PersonId) -> dict[str, PublishedRecord]:
        invented = [_record_of_view(v, person) for v in self.profiles[person].story]
        return {r.key: r for r in (*invented, *self.told.get(person, ()))}

    def _may_read(
        self, record: PublishedRecord, who: SignedInPractitioner, purpose: Purpose
    ) -> bool:
        if not record.kept_to:
            return True
        ground = RelationshipGround.CASE_LOAD
        with_them = LegitimateRelationship(who.id, record.persons[0], ground, self.now())
        viewer = Practitioner(who.id, who.role, who.agency_kind, (with_them,))
        asked = _asked(record, viewer, self.now(), purpose)
        return self._answers(record.persons).to(asked).is_permitted

    def why_not_held(self, record: PublishedRecord) -> ProfileRefused | None:
        """Why the shared profile may not hold a record, if it may not."""
        decision = self._answers(record.persons).to(_asked(record, SharedProfile(), self.now()))
        return None if decision.is_permitted else refused_for(*decision.reasons)

    def _publish(self, person: PersonId, record: PublishedRecord) -> ProfileRefused | None:
        refused = self.why_not_held(record)
        if refused is not None:
            return refused
        self.told.setdefault(person, []).append(record)
        return None

    def _answers(self, persons: Collection[PersonId]) -> Answers:
        decisions = tuple(self.on_record.values())
        return Answers(dict.fromkeys(persons, OnRecord(decisions, agreements=(ALL_AGREED,))))

    def _readers(self, scope: StoryScope, who: SignedInPractitioner) -> StoryReaders:
        answers = self._answers(scope.about)
        on_record = dict.fromkeys(scope.about, OnRecord(tuple(self.on_record.values())))
        named = named_in(scope, on_record, self.now())
        asked = [p for p in self.people if p.id in named or p == who]
        viewers = [Practitioner(p.id, p.role, p.agency_kind) for p in asked]
        found = readers_of(scope, answers=answers, named=viewers, at=self.now())
        return StoryReaders(
            agencies=found.agencies,
            named=tuple(
                NamedReader(_colleague(p), found.by_name[p.id]) for p in asked if p.id in named
            ),
            may_you=bool(found.by_name[who.id]),
        )

    def _why_not_changed(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entries: Collection[str],
    ) -> Changed | None:
        if not self.has_relationship(who, person):
            return refused_for(Reason.NO_RELATIONSHIP)
        views = {view.key: view for view in self.story_of(who, person, purpose)}
        if not entries or not views.keys() >= set(entries):
            return StoryOutcome.NOT_SHOWN
        if any(views[key].corrections for key in entries):
            return StoryOutcome.CORRECTED_BEFORE
        return None

    def _entry(self, told: ToldStory, who: SignedInPractitioner) -> StoryEntry:
        written_at = self.now().isoformat()
        return StoryEntry(told.text, told.told_by, who.name, written_at, with_whom=told.with_whom)


def _asked(
    record: PublishedRecord,
    who: Practitioner | SharedProfile,
    at: datetime,
    purpose: Purpose | None = None,
) -> AccessRequest:
    about, kept_to = record.persons, record.kept_to
    return AccessRequest(about, record.category, record.source, who, at, purpose, kept_to=kept_to)


def _record_of_view(view: StoryView, person: PersonId) -> PublishedRecord:
    return PublishedRecord(
        key=RecordKey(view.key),
        source=Source.FAMILY_HUB,
        category=Category.STORY,
        persons=view.about or (person,),
        version=view.entry.written_at,
        payload=view.entry,
        kept_to=view.kept_to,
    )


def _colleague(who: SignedInPractitioner) -> Colleague:
    return Colleague(who.id, who.name, who.job_title, who.agency_name)


def refused_for(*reasons: Reason) -> ProfileRefused:
    """Nothing is shown, for these reasons."""
    return ProfileRefused(reasons, "rules-2026-11-29")
