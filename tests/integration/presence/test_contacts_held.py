"""Since when sources hold which contacts: kept at intake, published or not, and let go of."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from consent.model import Response
from schemas.identifiers import PersonId
from schemas.records.message import Record
from schemas.records.payloads import FactStatus, Period, Relationship, RelationshipKind, Telecom
from schemas.vocabulary import Action, Category, Label, Purpose, Source
from services.intake.feeds.model import FeedClass
from services.work import unit_of_work
from tests.support.messages.source_messages import a_message
from tests.support.people.feeding_agencies import a_feeding_agency
from tests.support.people.presence_world import E_MAIL, PresenceWorld, a_tie, own_contacts

pytestmark = pytest.mark.postgres
LATER, LATEST = "2026-02-20T00:00:00Z", "2026-02-21T00:00:00Z"
OTHER = Telecom("phone", "07700 900999")


def held(world: PresenceWorld, person: PersonId) -> dict[str, datetime]:
    """Since when each contact of a person is held."""
    with unit_of_work(world.running.portal) as work:
        found = work.presences().contacts.of(person)
    return {one.contact.value: one.first_at for one in found}


def dialled(telecom: Telecom) -> str:
    """A British number as it is compared."""
    return "+44" + telecom.value[1:].replace(" ", "")


def test_said_again_it_is_held_since_before_and_another_one_since_now(world: PresenceWorld):
    """What a later version says no more is held no more."""
    before = held(world, world.mother)

    world.tell(own_contacts("mother", world.mobile, E_MAIL), at=LATER)
    both = held(world, world.mother)
    world.tell(own_contacts("mother", E_MAIL), at=LATEST)

    assert both == before | {"eva@family.example": world.clock.now()}
    assert set(held(world, world.mother)) == {"eva@family.example"}


def test_older_version_that_comes_late_changes_nothing(world: PresenceWorld):
    """Messages come twice and in any order."""
    world.tell(own_contacts("mother", E_MAIL), at=LATER)

    world.tell(own_contacts("mother", OTHER), at="2025-12-01T00:00:00Z")

    assert set(held(world, world.mother)) == {"eva@family.example"}


@pytest.mark.parametrize("what", ["removal", "clearing", "protected", "all of it"])
def test_what_its_source_takes_back_is_held_no_more(world: PresenceWorld, what: str):
    """Or protects: a message there could be read by who must not know."""
    contacts = own_contacts("mother")
    category = Category.IDENTITY_AND_CONTACT
    taken_back = {
        "removal": Record(contacts.source_id, category, ("mother",), None, Action.REMOVE),
        "clearing": Record("all", category, ("mother",), None, Action.CLEAR),
        "protected": own_contacts(
            "mother", world.mobile, labels=frozenset({Label.PROTECTED_LOCATION})
        ),
    }
    if what == "all of it":
        mother = world.family[1]
        world.tell(at=LATER, subjects=(mother,), removes_subject=True)
    else:
        world.tell(taken_back[what], at=LATER)

    assert held(world, world.mother) == {}


def test_mother_s_number_in_her_child_s_record_is_hers_where_she_is_known(world: PresenceWorld):
    """Beside what is her own; of a grandmother without responsibility nothing is kept."""
    world.tell(
        a_tie(RelationshipKind.MOTHER, OTHER, to="mother"),
        a_tie(RelationshipKind.GRANDPARENT, E_MAIL),
    )

    assert set(held(world, world.mother)) == {dialled(world.mobile), dialled(OTHER)}
    assert set(held(world, world.child)) == {dialled(OTHER)}


def test_no_number_is_held_that_is_not_in_use(world: PresenceWorld):
    """Nor one of somebody who is no longer what the record says that they are."""
    over, to_come = Period(end="2026-02-19"), Period(start="2026-02-21")
    of_mother = a_tie(RelationshipKind.MOTHER, OTHER)
    assert isinstance(of_mother.payload, Relationship)
    former = replace(of_mother.payload, status=FactStatus.ENDED)
    world.tell(
        own_contacts("mother", replace(OTHER, period=over), replace(E_MAIL, period=to_come)),
        replace(of_mother, payload=former),
        at=LATER,
    )

    assert held(world, world.mother) == {}
    assert held(world, world.child) == {}


def test_contact_is_kept_though_nothing_of_the_message_is_published(world: PresenceWorld):
    """A family that has decided nothing yet, or refused, can still show who it is."""
    world.running.decide(world.father, response=Response.REFUSED, purposes=Purpose)

    world.tell(own_contacts("father", OTHER), source=Source.SCHOOLS)

    assert set(held(world, world.father)) == {dialled(OTHER)}


def test_no_contact_lies_in_the_clear(world: PresenceWorld):
    """A keyed hash and what is sealed under its person's key."""
    world.tell(own_contacts("father", OTHER))

    with world.running.outside.engine.connect() as connection:
        rows = connection.execute(text("SELECT h::text FROM contact_told h")).scalars().all()
    assert all("900999" not in row and OTHER.value.encode().hex() not in row for row in rows)


def test_one_held_of_very_many_people_is_nobody_s(world: PresenceWorld):
    """A refuge's desk or a school's office."""
    desk = Telecom("phone", "07700 900444")
    families = [PresenceWorld.among(world.running, world.clock) for _ in range(3)]
    for each in families:
        each.tell(*(own_contacts(ref, desk) for ref in ("child", "mother", "father")))
    world.clock.pass_by(timedelta(days=29))

    last = families[-1]
    last.ask(last.begin(last.father))

    assert last.sent() is None


def test_what_another_agency_types_forgets_nothing_that_is_held(world: PresenceWorld):
    """Attack: the same ids and a later date, so that no code can reach the family."""
    typed = FeedClass.TYPED
    eve = a_feeding_agency(world.running, f"9{world.mobile.value[-5:]}", Source.SCHOOLS, typed)
    before = held(world, world.mother)
    cleared = Record("all", Category.IDENTITY_AND_CONTACT, ("mother",), None, Action.CLEAR)

    over = (own_contacts("mother"), cleared)
    mother, name = world.family[1], f"over {eve.code}"
    eve.receive(a_message(name, *over, at=LATEST, subjects=(mother,), source=Source.SCHOOLS))

    assert before
    assert held(world, world.mother) == before
