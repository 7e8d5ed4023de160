"""Who is who in the documents: other names of somebody, and the groups that they belong to.

Pairs of a group or another name, and who it is said of. Somebody's identifiers and the address of
their entry in a Bundle are other names of them, both ways. A practitioner of whom the documents
name but one role is asked as in that role; of several only the request can say which.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from consent.fhir_consent.elements import Element
from consent.fhir_consent.references import Name, identifier_name, names_of

Members = tuple[tuple[Name, Name], ...]
"""Pairs of a group or another name, and who it is said of."""

_GROUPS = {"Group": ("member", "entity"), "CareTeam": ("participant", "member")}
_IDENTIFIED = frozenset(
    {"Practitioner", "Organization", "Patient", "RelatedPerson", "Device", "HealthcareService"}
)
_ROLE = "PractitionerRole"
TELLING = _IDENTIFIED | {_ROLE, *_GROUPS}
"""The resources that say who is who; of others nothing is asked."""


def members_in(resources: Sequence[tuple[str | None, Element]]) -> Members:
    """All pairs in these resources, each given with the address of its entry where it has one."""
    active = [each for each in resources if each[1].get("active") is not False]
    pairs = (
        *_addresses(active),
        *(pair for _, resource in active for pair in _said_by(resource)),
        *_only_roles(resource for _, resource in active),
    )
    return tuple(dict.fromkeys(pairs))


def _said_by(resource: Element) -> Iterator[tuple[Name, Name]]:
    kind, own = resource["resourceType"], resource.get("id")
    if not own:
        return
    reference = f"{kind}/{own}"
    if kind == _ROLE:
        for name in (*_side(resource, "practitioner"), *_side(resource, "organization")):
            yield name, reference
    elif kind in _GROUPS:
        listed, member = _GROUPS[kind]
        for entry in resource.get(listed, ()):
            if entry.get("inactive") is not True:
                yield from ((reference, name) for name in names_of(entry.get(member, {})))
    else:
        yield from _both_ways(reference, _identifiers_of(resource))


def _addresses(resources: Iterable[tuple[str | None, Element]]) -> Iterator[tuple[Name, Name]]:
    """The address of an entry, which the others in its Bundle refer to it by."""
    for address, resource in resources:
        if address is None:
            continue
        names = list(_identifiers_of(resource))
        if "id" in resource:
            names.append(f"{resource['resourceType']}/{resource['id']}")
        yield from _both_ways(address, names)


def _only_roles(resources: Iterable[Element]) -> Iterator[tuple[Name, Name]]:
    roles = [r for r in resources if r["resourceType"] == _ROLE and "id" in r]
    held = Counter(name for role in roles for name in _side(role, "practitioner"))
    for role in roles:
        for name in _side(role, "practitioner"):
            if held[name] == 1:
                yield f"{_ROLE}/{role['id']}", name


def _side(role: Element, name: str) -> frozenset[Name]:
    return names_of(role.get(name, {}))


def _both_ways(one: Name, others: Iterable[Name]) -> Iterator[tuple[Name, Name]]:
    for other in others:
        yield one, other
        yield other, one


def _identifiers_of(resource: Element) -> Iterator[Name]:
    identifiers = resource.get("identifier", ())
    if resource["resourceType"] not in _IDENTIFIED or not isinstance(identifiers, list):
        return
    for identifier in identifiers:
        if "value" in identifier:
            yield identifier_name(identifier.get("system"), identifier["value"])
