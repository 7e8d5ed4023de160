"""GateServices in memory for pages that open nothing: nobody is open, and nobody asks."""

# ruff: noqa: ARG002 - every answer is the same

from collections.abc import Sequence

from schemas.identifiers import PersonId
from services.people.own_cases.postgres_labels import OwnLabel
from services.people.practitioners.people import Session, SignedInPractitioner, SubjectEntry
from services.people.relationships.emergency import EmergencyRefusal
from services.people.relationships.fourth import ColleagueWanted
from services.people.relationships.requests import RequestRefusal
from services.portal.gate.services import EmergencyForm, EmergencyToShow, Passing, RequestToAnswer


class FakeGate:
    """Every answer is that of a database without relationships."""

    def open_emergency(self, session: Session, form: EmergencyForm) -> EmergencyRefusal:
        return EmergencyRefusal.NOBODY

    def colleagues_wanted(self, who: SignedInPractitioner) -> Sequence[ColleagueWanted]:
        return ()

    def stand_for_emergency(self, session: Session, asked: str) -> bool:
        return False

    def emergencies_told(self, who: SignedInPractitioner) -> Sequence[EmergencyToShow]:
        return ()

    def see_emergency(self, who: SignedInPractitioner, told: str) -> bool:
        return False

    def ask_to_work_with(
        self, who: SignedInPractitioner, subject: SubjectEntry, words: str
    ) -> None:
        return

    def close_now(self, who: SignedInPractitioner, person: PersonId) -> None:
        return

    def passing(self, who: SignedInPractitioner, person: PersonId) -> Passing | None:
        return None

    def own_label(self, who: SignedInPractitioner, person: PersonId) -> OwnLabel | None:
        return None

    def to_answer(self, who: SignedInPractitioner) -> Sequence[RequestToAnswer]:
        return ()

    def answer_request(
        self, who: SignedInPractitioner, request: str, *, accepts: bool
    ) -> RequestRefusal:
        return RequestRefusal.NOT_THERE
