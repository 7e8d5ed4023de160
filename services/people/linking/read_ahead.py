"""Several who wait to be compared, considered together: what each asks for is read at once. Pure.

Considering one by one asks some twenty times, mostly to find that nobody is like them. What was
read ahead holds for as long as nobody was joined; who decides at the end, `join_persons`, asks
anew under its own lock.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

from consent.ports import Decisions
from consent.question import OnRecord
from schemas.identifiers import PersonId
from services.people.linking.considering import claims_about, consider
from services.people.linking.ports import Considering


class OnRecordOnce:
    """What is on record of each person, read once for as long as the same joins are known."""

    def __init__(self, decisions: Decisions, joins_known: Callable[[], int]) -> None:
        self._decisions = decisions
        self._joins_known = joins_known
        self._of_version = joins_known()
        self._found: dict[PersonId, OnRecord] = {}

    def on_record(self, persons: Collection[PersonId]) -> Mapping[PersonId, OnRecord]:
        """As `consent.ports.Decisions` says."""
        if self._joins_known() != self._of_version:
            self._found.clear()
        unread = [person for person in persons if person not in self._found]
        if unread:
            self._found |= self._decisions.on_record(unread)
        self._of_version = self._joins_known()
        return {person: self._found[person] for person in persons}


def consider_together(
    persons: Sequence[PersonId], *, considering: Considering
) -> Sequence[PersonId]:
    """Consider them in order, up to the first who is joined; gives those who wait still."""
    _read_ahead(persons, considering)
    for number, person in enumerate(persons, start=1):
        if consider(person, considering=considering).has_joined:
            return persons[number:]
    return ()


def _read_ahead(persons: Sequence[PersonId], considering: Considering) -> None:
    """Ask about all what `consider` asks about each; the ports remember it."""
    same = considering.said_to_be(persons)
    themselves = {member for members in same.values() for member in members}
    for port in (considering.facts, considering.reviews, considering.joining.joins):
        port.look_ahead(themselves)
    considering.facts.claims(themselves)
    own = {person: claims_about(same[person], considering) for person in persons}
    considering.facts.found_by([claim for claims in own.values() for claim in claims])
    found = {other for claims in own.values() for other in considering.facts.found_by(claims)}
    others = considering.said_to_be(found).values()
    considering.facts.claims({member for members in others for member in members})
    everyone = {*persons, *(members[0] for members in others)}
    of_all = considering.members(everyone).values()
    considering.decisions.on_record({member for members in of_all for member in members})
