"""No door that deploy/access.md does not name, and no pair that CI does not walk."""

from itertools import product

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from schemas.vocabulary import Role
from tests.architecture.test_machines_guarded import the_families, the_interfaces
from tests.architecture.test_routes_guarded import the_portal
from tests.support.access.doors import BY_SCOPE, DOORS, named
from tests.support.access.model import Person, Standing
from tests.support.access.walking import covering_cases


def routes(app: FastAPI) -> set[str]:
    """Method and path of each."""
    return {
        f"{method} {context.path}"
        for context in iter_route_contexts(app.routes)
        for method in context.methods or ()
    }


def test_every_route_is_a_door_that_is_walked_or_tells_of_no_family():
    """Name it in tests/support/access/doors.py, with the rule by which it answers."""
    known = named(DOORS) | set(BY_SCOPE)

    found = routes(the_portal()) | routes(the_interfaces()) | routes(the_families())

    assert found - known == set()


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
