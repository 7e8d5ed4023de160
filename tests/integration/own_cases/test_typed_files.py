"""What one person writes into a file about somebody else's family opens and changes nothing."""

from dataclasses import dataclass, replace
from itertools import count

import pytest

from schemas.identifiers import PersonId
from schemas.records.message import Record, SourceMessage, Subject
from schemas.records.payloads import (
    Address,
    ContactDetails,
    Involvement,
    Period,
    PersonDetails,
    Relationship,
    RelationshipKind,
    Telecom,
)
from schemas.vocabulary import Category, Disposition, Purpose
from services.cli.profile.profiles import profile_document
from services.intake.feeds.model import FeedClass
from services.profile.families import children_of
from services.profile.model import Profile
from services.profile.reading import read_profile
from services.profile.viewing import reading_order
from services.work import unit_of_work
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.nems import APerson
from tests.support.messages.nems_pds import birth_notification
from tests.support.messages.source_messages import a_clearing, a_message, a_record
from tests.support.people.feeding_agencies import CASE_LOAD, FeedingAgency, a_feeding_agency
from tests.support.people.link_traps import nhs_number

pytestmark = pytest.mark.postgres

_numbers = count(3100)

LATER, LAST = "2026-02-01T00:00:00Z", "2026-02-15T00:00:00Z"
HOME = ContactDetails((Address(("7 Hidden Row",), "NF1 1AA"),))
OF_ANOTHER_FAMILY = ("Quillfeather", "7 Hidden Row", "A review", "01632 960777")


@dataclass(frozen=True)
class TwoFamilies:
    """Eve's agency has one child on its case-load; the other family is its trust's."""

    running: InProcess
    eve: FeedingAgency
    trust: FeedingAgency
    own: Subject
    mother: Subject
    child: Subject

    def ties_own_child_to_the_mother(self) -> None:
        """Let Eve's file say that the other family's mother is that of a child of her own."""
        mother = Relationship(
            RelationshipKind.MOTHER, "Eve wrote this", (), True, same_household=True
        )
        tie = Record("tie", Category.FAMILY_AND_HOUSEHOLD, ("child", "mother"), mother)
        told = a_message(f"tie of {self.eve.code}", tie, at=LATER, subjects=(self.own, self.mother))
        self.eve.receive(told)
        self.running.settle()

    def seen(self, subject: Subject, by: FeedingAgency) -> str:
        """All that is shown on somebody's page; nothing to whom it is closed."""
        with unit_of_work(self.running.portal) as work:
            order = reading_order(by.signed_in(), self.person(subject), Purpose.DIRECT_CARE)
            found = read_profile(order, reading=work.reading())
        return str(profile_document(found)) if isinstance(found, Profile) else ""

    def person(self, subject: Subject) -> PersonId:
        """Who somebody is known to be."""
        found = self.running.person(subject)
        assert found is not None
        return found


@pytest.fixture
def families(one_database: InProcess) -> TwoFamilies:
    """Give two families who share everything, and who have nothing to do with one another."""
    running, number = one_database, next(_numbers)
    own, mother, child = (by_number(nhs_number(next(_numbers)).value) for _ in range(3))
    eve = a_feeding_agency(running, f"RE{number}", feed_class=FeedClass.TYPED)
    trust = a_feeding_agency(running, f"RA{number}")
    for one in (own, mother, child):
        running.decide(one, purposes=Purpose)
    world = TwoFamilies(running, eve, trust, own, replace(mother, ref="mother"), child)
    theirs = Involvement("Health visiting", eve.code, period=Period("2026-01-05"))
    trust.receive(a_message(f"m{number}", _works(theirs), subjects=(own,)))
    eve.receive(a_message(f"o{number}", _works(Involvement("Health visiting")), subjects=(own,)))
    trust.receive(_told_by_the_trust(world))
    running.settle()
    assert CASE_LOAD in eve.held(world.person(own))
    return world


def _works(involvement: Involvement) -> Record:
    return a_record("w", involvement, Category.PRACTITIONERS)


def _told_by_the_trust(world: TwoFamilies) -> SourceMessage:
    tie = Relationship(RelationshipKind.MOTHER, "Maria Quillfeather", has_responsibility=True)
    named = PersonDetails("Quillfeather", ("Ada",), None, "2024-05-03")
    mobile = ContactDetails(telecoms=(Telecom("phone", "01632 960777"),))
    identity = Category.IDENTITY_AND_CONTACT
    records = (
        a_record("name", named, identity),
        a_record("home", HOME, identity, scopes=("now",)),
        a_record("mobile", mobile, identity, "mother"),
        a_record("tie", tie, Category.FAMILY_AND_HOUSEHOLD, "child", "mother"),
        a_record("review"),
        _works(Involvement("Health visiting", world.trust.code)),
    )
    return a_message(f"of {world.trust.code}", *records, subjects=(world.child, world.mother))


def test_a_mother_typed_for_one_s_own_child_opens_nothing_of_her_family(families: TwoFamilies):
    """Attack: one's own child's page would lead to her, and from her to her other children."""
    before = families.seen(families.own, families.eve)

    families.ties_own_child_to_the_mother()

    after = families.seen(families.own, families.eve)
    assert before
    assert not [word for word in OF_ANOTHER_FAMILY if word in after]
    assert families.person(families.child) not in after


def test_what_is_typed_of_a_mother_shows_nobody_the_child_of_who_typed_it(families: TwoFamilies):
    """Attack: one file would open a child of one's own to whoever works with that mother."""
    before = families.seen(families.child, families.trust)

    families.ties_own_child_to_the_mother()

    after = families.seen(families.child, families.trust)
    assert all(word in before for word in OF_ANOTHER_FAMILY)
    assert families.person(families.own) not in after
    assert _without_when(after) == _without_when(before)


def test_a_mother_who_answers_answers_for_no_child_that_a_file_gives_her(families: TwoFamilies):
    """Attack: an accomplice typed as a stranger's mother confirms a code, and the child opens."""
    accomplice = replace(families.own, ref="mother")
    mother = Relationship(RelationshipKind.MOTHER, "An accomplice", has_responsibility=True)
    tie = Record("tie", Category.FAMILY_AND_HOUSEHOLD, ("child", "mother"), mother)

    families.eve.receive(
        a_message(f"t {families.eve.code}", tie, at=LATER, subjects=(families.child, accomplice))
    )
    families.running.settle()

    person = families.person(families.own)
    with unit_of_work(families.running.portal) as work:
        told = work.presences().contacts.children_of(person)
        known = children_of(person, records=work.records)
    assert (list(told), list(known)) == ([], [])


def test_what_became_of_a_file_tells_nobody_whether_a_mother_is_known(families: TwoFamilies):
    """Attack: numbers typed as one's own child's mothers, and a look at which are published."""
    told = set()
    for name, mother in {
        "known": families.mother,
        "born otherwise": by_number(families.mother.identifiers[0].value, "1960-01-01"),
        "nobody": by_number(nhs_number(next(_numbers)).value),
    }.items():
        tie = Relationship(RelationshipKind.MOTHER, "Eve wrote this")
        record = Record(f"t {name}", Category.FAMILY_AND_HOUSEHOLD, ("child", "mother"), tie)
        both = (families.own, replace(mother, ref="mother"))
        message = a_message(f"{name} {families.eve.code}", record, at=LATER, subjects=both)
        (became,) = families.eve.receive(message)
        told.add((became.disposition, became.reason))

    assert told == {(Disposition.WITHHELD, "no-subject")}


def test_what_others_keep_of_the_same_tie_stands(families: TwoFamilies):
    """An honest agency sees the family that another's system tells of too."""
    families.ties_own_child_to_the_mother()
    mother = Relationship(RelationshipKind.MOTHER, "Maria Quillfeather")
    tie = Record("kept tie", Category.FAMILY_AND_HOUSEHOLD, ("child", "mother"), mother)

    both = (families.own, families.mother)
    families.trust.receive(a_message(f"kept {families.eve.code}", tie, at=LATER, subjects=both))
    families.running.settle()

    assert "01632 960777" in families.seen(families.own, families.eve)


def test_a_file_takes_the_place_of_nothing_that_another_agency_has_told(families: TwoFamilies):
    """Attack: the other's own ids and a later date, to write over or clear what it told."""
    before = families.seen(families.child, families.trust)
    moved = ContactDetails((Address(("1 Wrong Street",), "NF9 9ZZ"),))

    families.eve.receive(
        a_message(
            f"over {families.eve.code}",
            a_clearing("now"),
            a_record("home", moved, Category.IDENTITY_AND_CONTACT, scopes=("now",)),
            at=LAST,
            subjects=(families.child,),
        )
    )
    families.running.settle()

    after = families.seen(families.child, families.trust)
    assert "7 Hidden Row" in before
    assert "7 Hidden Row" in after


@pytest.mark.parametrize("feed_class", FeedClass)
def test_what_waited_is_decided_on_again_as_what_it_came_as(
    one_database: InProcess, feed_class: FeedClass
):
    """Attack: a file that waits until something is decided, and is taken for a system's then."""
    running = one_database
    agency = a_feeding_agency(running, f"RF{feed_class[0]}", feed_class=feed_class)
    numbers = [nhs_number(next(_numbers)).value for _ in range(2)]
    baby, mother = (APerson(nhs_number=number) for number in numbers)
    agency.receive_raw(birth_notification(baby, mother))

    for number, person in zip(numbers, (baby, mother), strict=True):
        running.decide(by_number(number, person.born), purposes=Purpose)
    running.settle()

    born = running.person(by_number(numbers[0], baby.born))
    assert born is not None
    tied = [record for record in running.stored(born) if len(record.persons) > 1]
    assert running.stored(born)
    assert bool(tied) is (feed_class is FeedClass.KEPT)


def _without_when(seen: str) -> str:
    return seen.partition("'as_of'")[0]
