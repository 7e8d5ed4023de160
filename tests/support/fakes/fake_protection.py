"""ProtectionServices in memory for pages that protect nobody: there is nothing, and none asks."""

# ruff: noqa: ARG002 - every answer is the same

from collections.abc import Sequence

from consent.model import RestrictionScope
from consent.question import Reason
from schemas.identifiers import PersonId
from services.decisions.protection.restricting import RestrictionRefused
from services.people.practitioners.people import SignedInPractitioner
from services.portal.decisions.protection.services import ProtectionTold
from services.portal.decisions.protection.services_own_pages import AskedOfPage
from services.profile.model import ProfileRefused


class FakeProtection:
    """Every answer is that of a database in which nobody works with anybody."""

    def told(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[ProtectionTold] | ProfileRefused:
        return ProfileRefused((Reason.NO_RELATIONSHIP,), "rules-2026-11-29")

    def place(
        self, who: SignedInPractitioner, person: PersonId, scope: RestrictionScope
    ) -> RestrictionRefused:
        return RestrictionRefused.NOT_THEIRS

    def ask(
        self, who: SignedInPractitioner, restriction: str, *, lifts: bool, asked_safely: bool
    ) -> RestrictionRefused:
        return RestrictionRefused.NOT_THERE

    def answer(
        self, who: SignedInPractitioner, order: str, *, confirms: bool
    ) -> RestrictionRefused:
        return RestrictionRefused.NOT_THERE


class FakeOwnPages:
    """OwnPagesServices of the same database."""

    def told(self, who: SignedInPractitioner, person: PersonId) -> None:
        return None

    def ask(self, who: SignedInPractitioner, asked: AskedOfPage) -> None:
        return None
