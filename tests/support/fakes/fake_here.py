"""HereServices in memory, for pages about other things: nobody is there, nothing is confirmed."""

# ruff: noqa: ARG002 - every answer is the same

from collections.abc import Sequence

from services.people.family_access.ages import NextChange
from services.people.family_access.model import SafetyAnswers
from services.people.practitioners.people import SignedInPractitioner
from services.people.presence.beginning import BeginPresence
from services.people.presence.confirming import ShownRequest, WaitingRequest
from services.people.presence.model import ConfirmingAnswer, Sheet, Way
from services.portal.gate.here.services import HereNow


class FakeHere:
    """Every answer is that of a database without presences."""

    def begin(self, who: SignedInPractitioner, order: BeginPresence) -> str:
        return "f" * 32

    def now(self, who: SignedInPractitioner, presence: str) -> HereNow | None:
        return None

    def ask_for_code(self, who: SignedInPractitioner, presence: str) -> None:
        return

    def try_code(self, who: SignedInPractitioner, presence: str, typed: str) -> bool:
        return False

    def ask_to_confirm(self, who: SignedInPractitioner, presence: str, way: Way) -> str | None:
        return None

    def write_sheet(self, who: SignedInPractitioner, presence: str, sheet: Sheet) -> bool:
        return False

    def give_page(self, who: SignedInPractitioner, presence: str, said: SafetyAnswers) -> None:
        return

    def end_page(self, who: SignedInPractitioner, presence: str) -> None:
        return

    def changes_to_come(self, who: SignedInPractitioner, presence: str) -> Sequence[NextChange]:
        return ()

    def waiting_for(self, who: SignedInPractitioner) -> Sequence[WaitingRequest]:
        return ()

    def show_request(self, who: SignedInPractitioner, request: str) -> ShownRequest | None:
        return None

    def answer_request(
        self, who: SignedInPractitioner, request: str, answer: ConfirmingAnswer
    ) -> bool:
        return False
