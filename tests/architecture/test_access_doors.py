"""No door that deploy/access.md does not name, and no pair that CI does not walk."""

from itertools import product
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from schemas.vocabulary import Role
from services.interfaces.access.app import create_access_app
from services.ledger.published import create_ledger_app
from tests.architecture.test_machines_guarded import the_families, the_interfaces
from tests.architecture.test_routes_guarded import the_portal
from tests.support.access.doors import BY_SCOPE, DOORS, FOR_MONITORS, named
from tests.support.access.model import Doors, Person, Standing
from tests.support.access.walking import covering_cases
from tests.support.fakes.fake_published_ledger import FakePublishedLedger
from tests.support.partners import PUBLIC_URL


def routes(app: FastAPI) -> set[str]:
    """Method and path of each."""
    return {
        f"{method} {context.path}"
        for context in iter_route_contexts(app.routes)
        for method in context.methods or ()
    }


def every_route() -> set[str]:
    """Those of every application that is served to people or to other systems."""
    apps = (the_portal(), the_interfaces(), the_families(), the_access(), the_ledger())
    return {route for app in apps for route in routes(app)}


def the_access() -> FastAPI:
    """The interface that answers yes or no."""

    def never(caller: object) -> Any:
        raise NotImplementedError(caller)

    return create_access_app(never, admit=never, base_url=PUBLIC_URL)


def the_ledger() -> FastAPI:
    """What monitors of the ledger read."""
    return create_ledger_app(FakePublishedLedger())


def test_every_route_is_a_door_that_is_walked_or_tells_of_no_family():
    """Name it in tests/support/access/doors.py, with the rule by which it answers."""
    known = named(DOORS).union(BY_SCOPE, FOR_MONITORS)

    assert every_route() - known == set()


def test_no_door_leads_nowhere():
    """A route that is gone, or was misspelt, would be walked as the page that there is none."""
    commands = named(door for door in DOORS if door.doors is Doors.COMMANDS)

    assert (named(DOORS) - commands).union(BY_SCOPE, FOR_MONITORS) <= every_route()


def test_every_two_of_door_standing_and_person_meet_and_every_door_meets_every_role():
    """So that one wrong answer to one of them is seen."""
    works = {Role.PRACTITIONER, Role.LEAD_PRACTITIONER}
    cases = list(covering_cases())
    met = [case for case in cases if case.role in works]

    assert {(c.door.name, c.standing) for c in met} == set(product(_names(), Standing))
    assert {(c.door.name, c.person) for c in met} == set(product(_names(), Person))
    assert {(c.standing, c.person) for c in met} == set(product(Standing, Person))
    assert {(c.door.name, c.role) for c in cases} == set(product(_names(), Role))


def _names() -> list[str]:
    return [door.name for door in DOORS]
