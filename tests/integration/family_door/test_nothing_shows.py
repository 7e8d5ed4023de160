"""No act of one of a family at their own door changes a byte of what another of them is shown.

A walk in an order that a seed makes. What a parent decides about a child is the child's to know of:
so of the young person's first page, and of no other, what is compared is what decides nothing.
"""

import random
import re
from collections.abc import Callable

import pytest

from services.people.family_access.model import FamilyAccess
from tests.support.people.door_acts import (
    a_young_person,
    answer,
    ask_right,
    birthday,
    propose,
    say_new,
    tell,
)
from tests.support.people.door_world import DoorWorld
from tests.support.portal.pages import PageClient

pytestmark = pytest.mark.postgres
EVERY = ("/home", "/looked", "/choices", "/asked", "/new", "/story", "/right", "/others")
OWN_TOKEN = re.compile(r'(name="csrf" value="|nonce="|nonce-)[^"\']*')
CANARY = "Zephyrine"
_SEED = 5


def bytes_of(client: PageClient, *without: str) -> dict[str, str]:
    """Every page, but for what is new with each answer."""
    return {
        page: OWN_TOKEN.sub("", client.get(page).response.text)
        for page in EVERY
        if page not in without
    }


def acts_of(door: DoorWorld, mother: PageClient, young: PageClient) -> list[Callable[[], object]]:
    """What the mother does about herself and the child, and the young person about themselves."""
    child, own = door.world.child, door.world.mother
    of_school = {"who": ["schools"], "what": ["education"]}
    return [
        lambda: answer(door, mother, propose(door, "mother"), "yes"),
        lambda: answer(door, mother, propose(door, "mother"), "no"),
        lambda: propose(door, "mother"),
        lambda: say_new(door, mother, about=child, say="yes", lasts="6", **of_school),
        lambda: say_new(door, mother, about=own, say="no", **of_school),
        lambda: tell(mother, child, f"{CANARY} is not well."),
        lambda: tell(mother, own, f"I am called {CANARY}."),
        lambda: ask_right(mother, "Who can act", f"{CANARY} may not act."),
        lambda: tell(young, child, f"Do not tell them about {CANARY}."),
        lambda: say_new(door, young, about=child, say="no", **of_school),
        lambda: ask_right(young, "Something else", f"{CANARY} is my friend."),
    ]


def test_nobody_reads_what_another_of_the_family_does(door: DoorWorld):
    """The father's pages stay as they were to the byte; the young person's but for who sees what.

    And what the young person does shows on neither parent's page.
    """
    mobile = a_young_person(door)
    assert isinstance(door.give(door.confirmed(door.world.child)), FamilyAccess)
    young = door.client()
    door.sign_in_at(young, mobile.value, birthday(door, 14))
    father, mother = door.client_of("father"), door.client_of("mother")
    his, theirs = bytes_of(father), bytes_of(young, "/home", "/story", "/right")
    choosing = random.Random(_SEED)
    acts = acts_of(door, mother, young)

    for number, act in enumerate(choosing.sample(acts, len(acts))):
        act()
        if number % 4 == 3 or number == len(acts) - 1:
            assert bytes_of(father) == his

    assert bytes_of(young, "/home", "/story", "/right") == theirs
    of_young = "".join(bytes_of(young).values())
    of_mother = "".join(bytes_of(mother).values())
    assert not [one for one in ("is not well", "may not act", "called") if one in of_young]
    assert not [one for one in ("Do not tell", "my friend") if one in of_mother]
    assert CANARY in of_young
    assert CANARY in of_mother
