"""The route of a family asks for its guards itself, and so for nothing else."""

import pytest
from fastapi import Depends
from fastapi.params import Depends as Dependency

from services.interfaces.families.app import FAMILY_PATH, AskedForAtOnce, read_family, router
from services.interfaces.partners.calling import GuardedWhereItReads
from services.interfaces.partners.ports import Scope

_GUARD = Depends(GuardedWhereItReads([Scope.FAMILIES_READ]))


def nothing_of_ours() -> None:
    """Something that a route may depend on."""


def test_every_way_to_a_family_has_its_guard():
    """GET and HEAD, each by the route that asks for it."""
    routes = [route for route in router.routes if isinstance(route, AskedForAtOnce)]

    methods = {method for route in routes for method in route.methods or ()}

    assert methods == {"GET", "HEAD"}
    assert len(routes) == len(router.routes)
    assert all(route.dependencies for route in routes)


@pytest.mark.parametrize("depends", [[], [_GUARD, Depends(nothing_of_ours)]], ids=["none", "more"])
def test_a_dependency_that_it_would_not_ask_for_is_refused(depends: list[Dependency]):
    """A route without its guard, or with more than that, is not made."""
    with pytest.raises(TypeError):
        AskedForAtOnce(FAMILY_PATH, read_family, dependencies=depends, methods=["GET"])
