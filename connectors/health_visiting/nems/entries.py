"""The entries of a bundle, and how they refer to each other: by address, or by type and id.

Nothing is guessed: a reference that could mean two resources means none, and stands in the way
where anything refers by it. Sources: FHIR STU3, Bundle.entry.fullUrl, resolving references,
contained resources.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from connectors.health_visiting.nems.nodes import Node, child, children, value
from schemas.errors import UnreadableMessageError

_UUID: Final = "urn:uuid:"
_RELATIVE: Final = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")
_VERSION: Final = "/_history/"


@dataclass(frozen=True, repr=False)
class Entries:
    """The resources of a bundle by what refers to them, and by type in their own order.

    Without slots: names are only looked up where an address leads nowhere.
    """

    by_url: Mapping[str, Node]
    by_kind: Mapping[str, Sequence[Node]]

    def resolve(self, reference: Node | None) -> Node | None:
        """The resource that a Reference element points to, when it is in the bundle."""
        target = value(reference, "reference")
        return None if target is None else self.resource_at(target)

    def resource_at(self, target: str) -> Node | None:
        """The resource at an address; a relative one is its type and id, a UUID may be its id."""
        found = self.by_url.get(target)
        if found is not None or target.startswith("#"):
            return found
        name = target.partition(_VERSION)[0]
        if _RELATIVE.fullmatch(name):
            return self._by_name.get(name)
        return self._by_name.get(target) if target.startswith(_UUID) else None

    @cached_property
    def _by_name(self) -> Mapping[str, Node | None]:
        """Each resource by type and id, and by its id as a UUID; None for what two have."""
        found: dict[str, Node | None] = {}
        for kind, resources in self.by_kind.items():
            for resource in resources:
                own = value(resource, "id")
                for name in () if own is None else (f"{kind}/{own}", f"{_UUID}{own}"):
                    found[name] = None if name in found else resource
        return found


def entries_of(bundle: Node) -> Entries:
    """The resources of a bundle; raises UnreadableMessageError for one that holds none, or two.

    One without fullUrl is known by type and id, as references between them then are. Two may have
    one address only as long as nothing refers to it.
    """
    by_url: dict[str, Node] = {}
    by_kind: dict[str, list[Node]] = {}
    shared: set[str] = set()
    contained: dict[str, tuple[str, Node] | None] = {}
    for number, entry in enumerate(children(bundle, "entry")):
        kind, resource = _held_in(entry)
        url = value(entry, "fullUrl") or f"{kind}/{value(resource, 'id') or number}"
        if url in by_url:
            shared.add(url)
            url = f"{url}#{number}"
        by_url[url] = resource
        by_kind.setdefault(kind, []).append(resource)
        for within, held in _contained_in(resource):
            own = f"#{value(held, 'id')}"
            contained[own] = None if own in contained else (within, held)
    if shared and shared & set(_references_in(bundle)):
        raise UnreadableMessageError(field="Bundle.entry.fullUrl", reason="duplicate")
    for url in shared:
        del by_url[url]
    for own, found in contained.items():
        if found is not None and own not in by_url:
            by_url[own] = found[1]
            by_kind.setdefault(found[0], []).append(found[1])
    return Entries(by_url, by_kind)


def unwrapped(document: Node) -> Node:
    """The event message inside an envelope of another kind (ITK), or the document as it is."""
    outer = child(document, "Bundle") or {}
    holders = (child(entry, "resource") or {} for entry in children(outer, "entry"))
    inside = [inner for held in holders if "Bundle" in held for inner in children(held, "Bundle")]
    is_one = len(inside) == 1 and value(inside[0], "type") == "message"
    return {"Bundle": inside} if is_one else document


def resources_in(holder: Node) -> Iterator[tuple[str, Node]]:
    """The resources in an element that holds them, each with the name of its type."""
    for kind, found in holder.items():
        for resource in found if isinstance(found, list) else ():
            yield kind, resource


def _held_in(entry: Node) -> tuple[str, Node]:
    held = list(resources_in(child(entry, "resource") or {}))
    if len(held) != 1:
        raise UnreadableMessageError(field="Bundle.entry", reason="incomplete")
    return held[0]


_CONTAINED: Final = frozenset({"Practitioner", "PractitionerRole", "Organization", "CareTeam"})
"""Who works with somebody may stand inside what names them; anything else there is not looked for.
"""


def _contained_in(resource: Node) -> Iterator[tuple[str, Node]]:
    """Those that a resource holds within itself, which only it refers to, by "#" and their id."""
    for holder in children(resource, "contained"):
        for kind, held in resources_in(holder):
            if kind in _CONTAINED:
                yield kind, held


def _references_in(node: Node) -> Iterator[str]:
    """Every address that is referred to, without counting it as read."""
    for name, found in node.items():
        for inner in found if isinstance(found, list) else ():
            target = inner.get("value")
            if name == "reference" and isinstance(target, str):
                yield target.strip()
            yield from _references_in(inner)
