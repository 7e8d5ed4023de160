"""Who is meant by a request: one practitioner, or everyone whom the shared profile stands for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from consent.decision import AccessRequest, OnRecord, Practitioner
from consent.model import Recipient, Response, Restriction, SharingDecision
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose, Role, Source

_PRACTITIONER = "practitioner:"
_ROLES = frozenset(f"role:{role}" for role in Role)
_AGENCIES = frozenset(f"agency:{source}" for source in Source)


@dataclass(frozen=True, slots=True)
class Viewer:
    """One recipient with one purpose: what the rules are asked about.

    `names` are the ways in which decisions on record may name the recipient. `id` is None for a
    practitioner whom nothing on record names.
    """

    id: PractitionerId | None
    names: frozenset[Recipient]
    purpose: Purpose
    has_relationship: bool


_ANYBODY = Viewer(None, frozenset(), Purpose.DIRECT_CARE, has_relationship=True)


def viewer_of(practitioner: Practitioner, purpose: Purpose, request: AccessRequest) -> Viewer:
    """The practitioner who asks. A relationship counts when it is theirs and holds now.

    It need not be with the record's own persons: a child is opened and the family read outward.
    """
    has_relationship = any(
        r.practitioner == practitioner.id and r.is_in_force(request.at)
        for r in practitioner.relationships
    )
    return Viewer(practitioner.id, practitioner.names, purpose, has_relationship)


def everyone_told_apart(request: AccessRequest, bearing: OnRecord) -> Iterator[Viewer]:
    """One viewer for each group of practitioners whom what bears on the request tells apart.

    Asking about each of them is asking about every practitioner with a relationship that there
    may ever be: nothing on record names a difference within a group. In a fixed order.
    """
    if not bearing.decisions:
        yield _ANYBODY
        return
    named = frozenset[str]().union(*(d.recipients for d in bearing.decisions))
    for purpose, practitioner, role, agency in product(
        _purposes(request, bearing.decisions),
        _practitioners(named, bearing.restrictions),
        _told_apart(_ROLES, named),
        _told_apart(_AGENCIES, named),
    ):
        own = practitioner and f"{_PRACTITIONER}{practitioner}"
        names = frozenset(name for name in (own, role, agency) if name is not None)
        yield Viewer(practitioner, names, purpose, has_relationship=True)


def _purposes(request: AccessRequest, decisions: Sequence[SharingDecision]) -> Sequence[Purpose]:
    """Those of the permissions; where there is none, those of the refusals, to tell why."""
    if request.purpose is not None:
        return [request.purpose]
    permissions = [d for d in decisions if d.response is Response.GIVEN]
    named = frozenset[Purpose]().union(*(d.purposes for d in permissions or decisions))
    return sorted(named) or [_ANYBODY.purpose]


def _told_apart(
    possible: frozenset[Recipient], named: frozenset[Recipient]
) -> Sequence[Recipient | None]:
    """Those that are named; None stands for all that are not, where there is one."""
    found = sorted(possible & named)
    return found if len(found) == len(possible) else [None, *found]


def _practitioners(
    named: Iterable[Recipient], restrictions: Sequence[Restriction]
) -> Sequence[PractitionerId | None]:
    """Those named, and one who is not; where a restriction holds, those on its allow-list."""
    found = {
        PractitionerId(name.removeprefix(_PRACTITIONER))
        for name in named
        if name.startswith(_PRACTITIONER)
    }
    if not restrictions:
        return [None, *sorted(found)]
    allowed = frozenset.intersection(*(r.allowed for r in restrictions))
    unnamed = sorted(allowed - found)[:1]
    return [*unnamed, *sorted(allowed & found)] or [None]
