"""What these pages ask, each call one transaction: handed on to whose rule it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from schemas.identifiers import PersonId
from schemas.records.payloads import Involvement
from schemas.vocabulary import Purpose
from services.people.practitioners.people import SignedInPractitioner
from services.profile.model import ProfileRefused
from services.profile.story import support
from services.profile.story.support import Answer, HelpSaid, InvolvedSaid, StepSaid, SupportForm
from services.profile.story.writing import StoryWriting
from services.work import Outside, unit_of_work


class SupportServices(Protocol):
    """Each call is one transaction that holds its ledger entries; they are durable on return.

    The same form sent twice is entered once. Raises ServiceUnavailableError when ledger or
    database cannot be written: then nothing was.
    """

    def say_help(
        self, who: SignedInPractitioner, person: PersonId, said: HelpSaid, form: SupportForm
    ) -> Answer:
        """Write down what the family wants help with, or what became of what it wanted."""

    def say_step(
        self, who: SignedInPractitioner, person: PersonId, said: StepSaid, form: SupportForm
    ) -> Answer:
        """Write down a next step, or what became of it."""

    def say_involved(
        self, who: SignedInPractitioner, person: PersonId, said: InvolvedSaid, form: SupportForm
    ) -> Answer:
        """Write down that the practitioner works with the child, or does no longer."""

    def take_back(self, who: SignedInPractitioner, person: PersonId, form: SupportForm) -> Answer:
        """Remove what they entered in error; without an entry, that they are involved."""

    def involvement(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Involvement | ProfileRefused | None:
        """What they said of themselves and this child."""

    def work_number(self, who: SignedInPractitioner) -> str | None:
        """Their own number of work as their agency entered it, or else their agency's."""


class SupportOnDatabase:
    """SupportServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def say_help(
        self, who: SignedInPractitioner, person: PersonId, said: HelpSaid, form: SupportForm
    ) -> Answer:
        """Write down what the family wants help with."""
        with self._writing() as writing:
            return support.say_help(who, person, said, form, writing=writing)

    def say_step(
        self, who: SignedInPractitioner, person: PersonId, said: StepSaid, form: SupportForm
    ) -> Answer:
        """Write down a next step."""
        with self._writing() as writing:
            return support.say_step(who, person, said, form, writing=writing)

    def say_involved(
        self, who: SignedInPractitioner, person: PersonId, said: InvolvedSaid, form: SupportForm
    ) -> Answer:
        """Write down that the practitioner works with the child."""
        with self._writing() as writing:
            return support.say_involved(who, person, said, form, writing=writing)

    def take_back(self, who: SignedInPractitioner, person: PersonId, form: SupportForm) -> Answer:
        """Remove what they entered in error."""
        with self._writing() as writing:
            return support.take_back(who, person, form, writing=writing)

    def involvement(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Involvement | ProfileRefused | None:
        """What they said of themselves and this child."""
        with self._writing() as writing:
            return support.involvement_of(who, person, purpose, writing=writing)

    def work_number(self, who: SignedInPractitioner) -> str | None:
        """Theirs, or their agency's."""
        with unit_of_work(self._outside) as work:
            agency = work.directory.agency(who.agency_code)
            own = work.directory.telephone_of(who.id)
            return own or (agency.telephone if agency else None)

    @contextmanager
    def _writing(self) -> Iterator[StoryWriting]:
        with unit_of_work(self._outside) as work:
            yield work.story_writing()
