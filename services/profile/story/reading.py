"""What one practitioner may read of a family's story, and who else may; asked from `decide`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from consent import Practitioner
from consent.deciding.decide import Answers
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.payloads import Involvement, Payload, StoryEntry
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Purpose
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_directory import PostgresColleagues
from services.profile.model import ProfileRefused, StoryScope, StoryView
from services.profile.opening import view_family
from services.profile.ports import StoredRecord
from services.profile.reading import entered_refusal, family_of
from services.profile.story.entries import (
    AgencyReaders,
    entries_in_chain,
    named_in,
    readers_of,
    story,
)
from services.profile.viewing import Opening, Viewing, reading_order


@dataclass(frozen=True, slots=True, repr=False)
class Colleague:
    """A practitioner by name, as a family may name them."""

    id: PractitionerId
    name: str
    job_title: str
    agency_name: str


@dataclass(frozen=True, slots=True, repr=False)
class NamedReader:
    """A practitioner whom a decision, a restriction or the family itself names.

    Without `purposes` they are named and may still not read it.
    """

    colleague: Colleague
    purposes: tuple[Purpose, ...]


@dataclass(frozen=True, slots=True, repr=False)
class StoryReaders:
    """Who could read an entry, if they work with the family; `may_you` whoever asks."""

    agencies: tuple[AgencyReaders, ...]
    named: tuple[NamedReader, ...]
    may_you: bool


@dataclass(frozen=True)
class StoryVisit:
    """A practitioner, a family and a purpose; nothing is opened that `decide` does not permit."""

    opening: Opening
    viewing: Viewing
    found: Sequence[StoredRecord]

    @classmethod
    def of(
        cls, who: SignedInPractitioner, person: PersonId, purpose: Purpose, opening: Opening
    ) -> "StoryVisit":
        """Open the family for this purpose."""
        viewing, found = view_family(reading_order(who, person, purpose), opening=opening)
        return cls(opening, viewing, found)

    @property
    def child(self) -> PersonId:
        """Whose page it is, by the id known outside."""
        return self.viewing.command.person

    @cached_property
    def refused(self) -> ProfileRefused | None:
        """Why the practitioner has nothing to do with this family's story, if so; entered once.

        An emergency opens none, nor who may read it.
        """
        return entered_refusal(self.viewing.without_emergency(), self.opening)

    @cached_property
    def readable(self) -> Sequence[StoredRecord]:
        """Every record of the family that the practitioner may read now, sealed.

        Somebody whom the page does not show, as another child of a foster carer, is none of it.
        """
        permitted = [record for record in self.found if self.viewing.ask(record).is_permitted]
        family = family_of(self.child, self.opening.records.open(permitted))
        return [record for record in permitted if record.persons[0] in family]

    @cached_property
    def records(self) -> Mapping[str, PublishedRecord]:
        """The records of the story by their keys, opened, under the ids they are stored under."""
        return {
            record.key: _as_stored(record, sealed)
            for sealed in self.readable
            if sealed.category is Category.STORY
            for record in self.opening.records.open([sealed])
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
        said: list[Payload | None] = [r.payload for r in self.opening.records.open(self.readable)]
        return frozenset(
            p.practitioner_ref for p in said if isinstance(p, Involvement) and p.practitioner_ref
        )


def _as_stored(record: PublishedRecord, sealed: StoredRecord) -> PublishedRecord:
    """A later version of it has to lie where the first one does.

    Whom it is kept to may have become fewer than when it was sealed.
    """
    persons = (sealed.stored_under, *record.persons[1:])
    return replace(record, persons=persons, kept_to=sealed.kept_to)


def readers_of_story(
    who: SignedInPractitioner,
    person: PersonId,
    scopes: Sequence[StoryScope],
    *,
    opening: Opening,
    colleagues: PostgresColleagues,
) -> Sequence[StoryReaders] | ProfileRefused:
    """Who could read an entry of each of these scopes, in their order."""
    visit = StoryVisit.of(who, person, who.purpose, opening)
    return visit.refused or [_readers(scope, who, visit.viewing, colleagues) for scope in scopes]


def who_may_be_named(
    who: SignedInPractitioner,
    person: PersonId,
    purpose: Purpose,
    *,
    opening: Opening,
    colleagues: PostgresColleagues,
) -> Sequence[Colleague]:
    """To whom an entry may be kept by name: `who`, and whom the profile shows to work here."""
    visit = StoryVisit.of(who, person, purpose, opening)
    if visit.refused is not None:
        return []
    others = (one for one in colleagues.behind(visit.workers()) if one.id != who.id)
    return [_colleague(who), *map(_colleague, others)]


def _readers(
    scope: StoryScope, who: SignedInPractitioner, viewing: Viewing, colleagues: PostgresColleagues
) -> StoryReaders:
    named = named_in(scope, viewing.on_record, viewing.at)
    known = {**colleagues.known(named), who.id: who}
    asked = [Practitioner(one.id, one.role, one.agency_kind) for one in known.values()]
    found = readers_of(scope, answers=Answers(viewing.on_record), named=asked, at=viewing.at)
    return StoryReaders(
        agencies=found.agencies,
        named=tuple(
            NamedReader(_colleague(one), found.by_name[one.id])
            for one in known.values()
            if one.id in named
        ),
        may_you=bool(found.by_name[who.id]),
    )


def _colleague(who: SignedInPractitioner) -> Colleague:
    return Colleague(who.id, who.name, who.job_title, who.agency_name)
