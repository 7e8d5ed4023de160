"""Somebody's own story on their own page: read, added to, corrected, confirmed, kept to some.

What they write is kept with them and read again by nobody else here; it goes to the shared profile
by the same use cases as what a practitioner writes down, as far as `decide` permits. Whether it did
is for the ledger alone: it would tell of somebody else's no. Of what was told to a worker they read
what is written down as said by them, by the name that sources give them; of others' words nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.family_hub import story as hub
from connectors.publishing.written import instant
from consent import POLICY_VERSION, Reason
from consent.ledger import FieldValue, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.records.payloads import StoryEntry
from schemas.records.published import NOT_KEPT, KeptTo, PublishedRecord, is_within
from services.people.family_access.model import FamilySession
from services.people.family_access.ports import FamilyDoor
from services.people.family_access.reaching import Reached
from services.profile.story.entries import entries_in_chain
from services.profile.story.own.documents import StoryWords, story_from, told_as
from services.profile.story.own.postgres import OwnUse, OwnWords, PostgresOwnWords
from services.profile.story.own.told import TellingName, told_to_workers
from services.profile.story.writing import StoryOutcome, StoryWriting

TOLD_AN_HOUR = 20
"""As many entries somebody may write or change on their own page."""


@dataclass(frozen=True, slots=True)
class OwnTelling:
    """What somebody's own story is told with; every port joins one transaction."""

    door: FamilyDoor
    words: PostgresOwnWords
    writing: StoryWriting


@dataclass(frozen=True, slots=True, repr=False)
class OwnStoryEntry:
    """Something they said: by their own hand, where there are `words`, or through a worker."""

    record: PublishedRecord
    said: StoryEntry
    words: OwnWords | None
    kept: StoryWords | None
    is_corrected: bool = False

    @property
    def key(self) -> str:
        """By what it is known."""
        return self.record.key

    @property
    def about(self) -> PersonId:
        """Whose story it is part of."""
        return self.record.persons[0]

    @property
    def confirmed_at(self) -> str | None:
        """When they last said here that it holds (ISO 8601, UTC)."""
        return None if self.kept is None else self.kept.confirmed_at


@dataclass(frozen=True, slots=True, repr=False)
class OwnStory:
    """One person's own page, with those whom they reach; what is done is done by `session`."""

    session: FamilySession
    reached: Sequence[Reached]
    telling: OwnTelling

    @property
    def entries(self) -> Sequence[OwnStoryEntry]:
        """What they said, the latest first."""
        own = self._own()
        theirs = {one.key: one for one in own}
        told = told_to_workers(
            self.reached, records=self.telling.writing.opening.records, door=self.telling.door
        )
        others = [OwnStoryEntry(r, said, None, None) for r, said in told if r.key not in theirs]
        corrected = {one.said.corrects for one in (*own, *others)}
        found = [replace(one, is_corrected=one.key in corrected) for one in (*own, *others)]
        return sorted(found, key=lambda one: (one.said.written_at, one.key), reverse=True)

    def find(self, key: str) -> OwnStoryEntry | None:
        """One of them."""
        return next((one for one in self.entries if one.key == key), None)

    def add(self, one: Reached, text: str, kept_to: frozenset[KeptTo] = NOT_KEPT) -> None:
        """Write something about somebody whom they reach."""
        self._write(one, (one.person,), text, None, kept_to)

    def correct(self, key: str, text: str) -> StoryOutcome:
        """Put other words in the place of something; it stays, struck through."""
        before = self.find(key)
        one = None if before is None else self._reached(before.about)
        if before is None or one is None:
            return StoryOutcome.NOT_SHOWN
        if before.is_corrected:
            return StoryOutcome.CORRECTED_BEFORE
        self._write(one, before.record.persons, text, before, before.record.kept_to)
        return StoryOutcome.WRITTEN

    def confirm(self, key: str) -> StoryOutcome:
        """Say that nothing has changed in it."""
        before = self.find(key)
        one = None if before is None else self._reached(before.about)
        if before is None or one is None:
            return StoryOutcome.NOT_SHOWN
        if before.is_corrected:
            return StoryOutcome.CORRECTED_BEFORE
        is_shared = before.kept is None or before.kept.is_shared or self._offer(before)
        by, at = self._by(one), instant(self.telling.door.at)
        told = hub.Told(by.name, by.as_written, at)
        order = hub.ConfirmStory([before.record], told, self.session.actor)
        publishing = self.telling.writing.publishing
        self._enter_refusal(hub.confirm_story(order, publishing=publishing), before.record)
        if before.kept is not None and before.words is not None:
            self._keep(before.words, replace(before.kept, confirmed_at=at, is_shared=is_shared))
        return StoryOutcome.WRITTEN

    def keep(self, key: str, kept_to: frozenset[KeptTo]) -> StoryOutcome:
        """Keep it, with all that corrects it or is corrected by it, to fewer from now on."""
        known = {one.key: one for one in self.entries}
        if key not in known:
            return StoryOutcome.NOT_SHOWN
        corrects = {one.key: one.said.corrects for one in known.values()}
        chain = [known[k] for k in sorted(entries_in_chain([key], corrects)) if k in known]
        if not all(is_within(kept_to, one.record.kept_to) for one in chain):
            return StoryOutcome.WIDER_THAN_BEFORE
        records = [one.record for one in chain]
        order = hub.KeepStory(records, kept_to, self.session.actor)
        writing = self.telling.writing
        self._enter_refusal(hub.keep_story(order, publishing=writing.publishing), records[0])
        writing.keep_to_fewer(records, kept_to)
        for one in chain:
            if one.words is not None and one.kept is not None:
                self._keep(one.words, replace(one.kept, kept_to=tuple(sorted(kept_to))))
        return StoryOutcome.WRITTEN

    def offer_again(self, about: PersonId) -> None:
        """Share what was not let through before: they have said yes since."""
        for one in self._own():
            is_waiting = one.kept is not None and not one.kept.is_shared
            if one.about == about and is_waiting and one.words is not None and self._offer(one):
                kept = one.kept
                if kept is not None:
                    self._keep(one.words, replace(kept, is_shared=True))

    # How it is written.

    def _own(self) -> Sequence[OwnStoryEntry]:
        """What they wrote here about those whom they reach now."""
        ones = self.telling.door.clusters.all_of([self.session.person])
        hasher = self.telling.writing.publishing.hasher
        known = {one.person for one in self.reached}
        found = []
        for words in self.telling.words.by(ones, OwnUse.STORY):
            kept = story_from(words.said)
            if kept.persons and words.about in known:
                said = kept.entry
                record = hub.record_of(kept.persons, said, frozenset(kept.kept_to), hasher)
                found.append(OwnStoryEntry(record, said, words, kept))
        return found

    def _write(
        self,
        one: Reached,
        persons: tuple[PersonId, ...],
        text: str,
        corrected: OwnStoryEntry | None,
        kept_to: frozenset[KeptTo],
    ) -> None:
        by, at = self._by(one), self.telling.door.at
        entry = StoryEntry(text, by.name, by.as_written, instant(at))
        publishing, actor = self.telling.writing.publishing, self.session.actor
        if corrected is None:
            added = hub.AddStory(persons, entry, actor, kept_to)
            reasons = hub.add_story(added, publishing=publishing)
        else:
            order = hub.CorrectStory(corrected.record, entry, actor)
            reasons = hub.correct_story(order, publishing=publishing)
            entry = replace(entry, corrects=corrected.key)
        record = hub.record_of(persons, entry, kept_to, publishing.hasher)
        self._enter_refusal(reasons, record)
        kept = StoryWords(entry, persons, tuple(sorted(kept_to)), is_shared=not reasons)
        words = OwnWords(
            str(new_entry_id(at)), 1, self.session.person, one.person, OwnUse.STORY, b"", at
        )
        self.telling.words.write(replace(words, said=told_as(kept)))

    def _offer(self, one: OwnStoryEntry) -> bool:
        """Share an entry of theirs that was not let through; whether it is now."""
        order = hub.AddStory(one.record.persons, one.said, self.session.actor, one.record.kept_to)
        return not hub.add_story(order, publishing=self.telling.writing.publishing)

    def _keep(self, words: OwnWords, kept: StoryWords) -> None:
        later = replace(words, state=words.state + 1, said=told_as(kept), at=self.telling.door.at)
        self.telling.words.write(later)

    def _enter_refusal(self, reasons: Collection[Reason], record: PublishedRecord) -> None:
        if reasons:
            fields: Mapping[str, FieldValue] = {
                "subjects": record.persons,
                "reasons": sorted(reasons),
                "policy_version": POLICY_VERSION,
            }
            self.telling.door.enter(LedgerEvent.STORY_REFUSED, dict(fields), by=self.session.actor)

    def _reached(self, person: PersonId) -> Reached | None:
        return next((one for one in self.reached if one.person == person), None)

    def _by(self, one: Reached) -> TellingName:
        records = self.telling.writing.opening.records
        return TellingName.of(one, self.reached, records=records, door=self.telling.door)
