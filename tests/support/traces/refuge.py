"""A mother in a refuge and her child, of whom nobody says that they are hers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from consent.decisions.restrictions import lift_restriction, place_restriction
from consent.model import Restriction, RestrictionScope
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.payloads import Address, ContactDetails, Involvement, PersonDetails
from schemas.vocabulary import Category, Label, Purpose, Role, Source
from services.profile.model import Profile, ProfileRefused
from services.profile.reading import read_profile
from services.profile.viewing import ReadProfile
from services.work import Outside, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.fakes.in_process import SCHOOL, InProcess
from tests.support.messages.source_messages import A_VISITOR, a_message, a_record, the_family

REFUGE = Address(("Flat 2, 10 Quillfeather Street", "Northfield"), "NF4 7QQ")
THE_SAME = Address(("FLAT 2", "10 Quillfeather  St"), "nf47qq")
NEIGHBOUR = Address(("14 Quillfeather Street",), "NF4 7QQ")
CANARIES = ("Quillfeather", "NF4 7QQ", "NF47QQ")
PLACE = frozenset({Label.LOCATION})
_IDENTITY = Category.IDENTITY_AND_CONTACT
_AGENCIES = {VISITOR: Source.HEALTH_VISITING, TEACHER: Source.SCHOOLS}


@dataclass(frozen=True, slots=True)
class Refuge:
    """The main job, with a teacher and a health visitor who work with the child."""

    running: InProcess
    child: PersonId
    mother: PersonId

    @classmethod
    @contextmanager
    def known(cls, outside: Outside) -> Iterator["Refuge"]:
        """Give a family of whom everything may be shared; nobody has said where they are."""
        with InProcess.running(outside) as running:
            child, mother = (
                person
                for subject in the_family()[:2]
                for person in running.decide(subject).decision.subjects
            )
            running.receive(
                a_message(
                    "working",
                    a_record("who", PersonDetails("Wren", ("Ava",)), _IDENTITY),
                    a_record("w", A_VISITOR, Category.PRACTITIONERS),
                )
            )
            teaching = Involvement("School", agency_code=SCHOOL)
            running.receive(
                a_message(
                    "taught",
                    a_record("t", teaching, Category.PRACTITIONERS),
                    source=Source.SCHOOLS,
                )
            )
            running.settle()
            yield cls(running, child, mother)

    @classmethod
    @contextmanager
    def in_a_copy(cls, outside: Outside) -> Iterator["Refuge"]:
        """Give the same family in a copy of the database that they were made known in."""
        with InProcess.going_on(outside) as running:
            child, mother = map(running.person, the_family()[:2])
            assert child is not None
            assert mother is not None
            yield cls(running, child, mother)

    def both_live_there(self) -> None:
        """Health visiting says so of the mother, the school of the child."""
        self.mother_lives_at(REFUGE)
        self.child_lives_at(REFUGE)

    def child_lives_at(self, *homes: Address, at: str = "2026-01-02T00:00:00Z") -> None:
        """The school says where the child lives."""
        home = a_record("home", ContactDetails(homes), _IDENTITY, labels=PLACE)
        self.running.receive(a_message(f"c/{at}", home, at=at, source=Source.SCHOOLS))
        self.running.settle()

    def mother_lives_at(self, *homes: Address, message: str = "m") -> None:
        """Health visiting says where the mother lives, and nothing of a child."""
        home = a_record("hers", ContactDetails(homes), _IDENTITY, "mother", labels=PLACE)
        mother = the_family()[1:2]
        self.running.receive(a_message(message, home, subjects=mother), raw=b"held")
        self.running.settle()

    def restrict(
        self,
        *allowed: PractitionerId,
        scope: RestrictionScope = RestrictionScope.PERSON,
        person: PersonId | None = None,
    ) -> Restriction:
        """Protect the mother, or somebody else."""
        with unit_of_work(self.running.portal) as work:
            placed = place_restriction(
                person or self.mother, scope, allowed, actor="job:test", deciding=work.deciding()
            )
        self.running.settle()
        return placed

    def lift(self, restriction: Restriction) -> None:
        """Protect her no longer."""
        with unit_of_work(self.running.portal) as work:
            lift_restriction(restriction.id, actor="job:test", deciding=work.deciding())

    def read(
        self,
        who: PractitionerId,
        person: PersonId | None = None,
        purpose: Purpose = Purpose.DIRECT_CARE,
    ) -> Profile:
        """Read the child's page, or somebody else's."""
        order = ReadProfile(person or self.child, who, Role.PRACTITIONER, _AGENCIES[who], purpose)
        with unit_of_work(self.running.portal) as work:
            profile = read_profile(order, reading=work.reading())
        assert not isinstance(profile, ProfileRefused), profile.reasons
        return profile


def homes_of(profile: Profile, person: PersonId) -> list[Address]:
    """Where a page says that somebody lives."""
    return [
        claim.address for view in profile.people if view.id == person for claim in view.addresses
    ]
