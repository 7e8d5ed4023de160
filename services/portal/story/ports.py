"""What the pages of the story ask of the rest of the service."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from schemas.identifiers import PersonId, PractitionerId
from schemas.records.published import NOT_KEPT, KeptTo
from schemas.vocabulary import Purpose
from services.people.practitioners.people import SignedInPractitioner
from services.profile.model import ProfileRefused, StoryScope
from services.profile.story import AgencyReaders


@dataclass(frozen=True, slots=True, repr=False)
class ToldStory:
    """What is written down with a family. `about` are others whom it is about beside the child."""

    text: str
    told_by: str
    with_whom: str | None = None
    about: tuple[PersonId, ...] = ()
    kept_to: frozenset[KeptTo] = NOT_KEPT


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


class StoryOutcome(Enum):
    """What became of an order about entries that are there already."""

    WRITTEN = auto()
    NOT_SHOWN = auto()
    """There is no such entry that this practitioner may read."""
    CORRECTED_BEFORE = auto()
    """Somebody has corrected it meanwhile: what they wrote has to be read first."""
    WIDER_THAN_BEFORE = auto()
    """An entry can be kept to fewer people than before, never to more."""


class StoryServices(Protocol):
    """Each call is one transaction that holds its ledger entries; they are durable on return.

    Writing asks for a relationship with the family; correcting, confirming and keeping ask that
    the practitioner may read the entry for this purpose now.
    """

    def add_story(
        self, who: SignedInPractitioner, person: PersonId, told: ToldStory
    ) -> ProfileRefused | None:
        """Write down what the family said; shared as its decisions about its story say.

        Refused where that is with nobody, or it is about somebody whom `who` may not know of.
        """

    def correct_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entry: str,
        told: ToldStory,
    ) -> ProfileRefused | StoryOutcome:
        """Put other words in an entry's place; whom it is about and kept to stays as it was."""

    def confirm_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entries: Collection[str],
        *,
        told_by: str,
    ) -> ProfileRefused | StoryOutcome:
        """Write down that nothing has changed in these entries: all of them, or none."""

    def keep_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entry: str,
        kept_to: frozenset[KeptTo],
    ) -> ProfileRefused | StoryOutcome:
        """Keep an entry, and all that corrects or is corrected by it, to fewer people."""

    def story_readers(
        self, who: SignedInPractitioner, person: PersonId, scopes: Sequence[StoryScope]
    ) -> Sequence[StoryReaders] | ProfileRefused:
        """Who could read an entry of each of these scopes, in their order."""

    def who_may_be_named(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Sequence[Colleague]:
        """To whom an entry may be kept by name: `who`, and whom the profile shows to work here."""
