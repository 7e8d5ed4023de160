"""`decide`, asked once for each different question while what is on record stands still."""

from collections.abc import Iterable, Mapping

from consent.deciding import decide
from consent.decision import AccessRequest, Decision, OnRecord
from schemas.identifiers import PersonId


class Answers:
    """The answers of one transaction: many records ask the same of the same persons."""

    def __init__(self, on_record: Mapping[PersonId, OnRecord]) -> None:
        self._on_record = on_record
        self._given: dict[AccessRequest, Decision] = {}

    def to(self, request: AccessRequest) -> Decision:
        """The answer of `decide` to this request, from what is on record about its subjects."""
        given = self._given.get(request)
        if given is None:
            known = (self._on_record[p] for p in request.subjects if p in self._on_record)
            given = self._given[request] = decide(request, together(known))
        return given


def together(found: Iterable[OnRecord]) -> OnRecord:
    """What is on record about several persons, each decision once."""
    all_of = list(found)
    return OnRecord(
        tuple({d.id: d for one in all_of for d in one.decisions}.values()),
        tuple({r.id: r for one in all_of for r in one.restrictions}.values()),
    )
