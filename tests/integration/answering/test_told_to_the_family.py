"""What a service does with a request stands on the page of whoever asked, and on nobody else's."""

from datetime import timedelta

import pytest

from tests.support.people.answering_world import ANN, AnsweringWorld
from tests.support.people.connecting_world import ConnectingWorld
from tests.support.people.door_world import DoorWorld
from tests.support.people.presence_world import PresenceWorld

pytestmark = pytest.mark.postgres


def test_mother_reads_who_opened_her_request_and_the_father_does_not(world: PresenceWorld):
    """By the name of the group; each thing that it did and each later look, the newest first."""
    door = DoorWorld.of(world)
    answering = AnsweringWorld(ConnectingWorld.of(world))
    answering.register()
    answering.sent()
    link = answering.links()[ANN[0]]
    client = answering.come_in(link)
    world.clock.pass_by(timedelta(minutes=5))
    answering.post(client, "/request", {"answer": "yes"})
    for _ in range(2):
        world.clock.pass_by(timedelta(days=1))
        answering.come_in(link).http.get("/request")
    world.clock.pass_by(timedelta(minutes=31))
    answering.come_in(link).http.get("/request")

    hers = door.client_of("mother").http.get("/looked").text
    his = door.client_of("father").http.get("/looked").text

    opened = hers.index("Home-Start Northfield opened your request.")
    assert hers.index("Home-Start Northfield said yes.") < opened
    once, twice = "looked at your request.", "looked at your request 2 times."
    assert hers.count(f"Home-Start Northfield {once}") == 1
    assert hers.index(twice) < hers.index(once) < hers.index("said yes.")
    assert "Home-Start" not in his
    assert "Groups that you asked" not in his


def test_group_whose_address_is_kept_from_everybody_has_no_name_there(world: PresenceWorld):
    """Whoever looks over her shoulder reads nothing of it."""
    door = DoorWorld.of(world)
    answering = AnsweringWorld(ConnectingWorld.of(world))
    answering.register()
    answering.sent()
    answering.come_in(answering.links()[ANN[0]])
    with world.running.outside.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE directory_service SET is_withheld = true")

    hers = door.client_of("mother").http.get("/looked").text

    assert "A group that you asked opened your request." in hers
    assert "Home-Start" not in hers
