"""`decide` for the many questions of one transaction, while what is on record stands still."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from consent.agreement import AdoptedAgreement
from consent.compiled import CompiledRecord
from consent.deciding import decide
from consent.decision import AccessRequest, Decision, OnRecord
from schemas.identifiers import PersonId


class Answers:
    """The answers of one transaction about these persons, from what is on record compiled once.

    About anybody else nothing is known, so nothing is permitted. `agreements` need only be given
    where there may be nobody at all in `on_record`.
    """

    def __init__(
        self,
        on_record: Mapping[PersonId, OnRecord],
        agreements: Sequence[AdoptedAgreement] = (),
    ) -> None:
        everything = together([*on_record.values(), OnRecord(agreements=tuple(agreements))])
        self._persons = frozenset(on_record)
        self._known = CompiledRecord(everything)
        self._nothing = CompiledRecord(OnRecord(agreements=everything.agreements))
        self._given: dict[AccessRequest, Decision] = {}

    def to(self, request: AccessRequest) -> Decision:
        """The answer of `decide` to this request, from what is on record about its subjects.

        Most records of a family ask the same, and are told the same.
        """
        answer = self._given.get(request)
        if answer is None:
            answer = self._given[request] = self._decide(request)
        return answer

    def _decide(self, request: AccessRequest) -> Decision:
        is_known = self._persons.issuperset(request.subjects)
        return decide(request, self._known if is_known else self._nothing)

    def policy_version(self, at: datetime) -> str:
        """The rules and the agreement by which anything is decided at that time."""
        return self._nothing.at(at).policy_version


def together(found: Iterable[OnRecord]) -> OnRecord:
    """What is on record about several persons, each decision once.

    A restriction stands once for each person whom it protects.
    """
    all_of = list(found)
    return OnRecord(
        tuple({d.id: d for one in all_of for d in one.decisions}.values()),
        tuple({(r.id, r.subject): r for one in all_of for r in one.restrictions}.values()),
        tuple({_adoption(a): a for one in all_of for a in one.agreements}.values()),
    )


def _adoption(adopted: AdoptedAgreement) -> tuple[datetime, str]:
    return adopted.adopted_at, adopted.agreement.version
