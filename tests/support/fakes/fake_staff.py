"""StaffServices in memory for pages about other things: there is no agency, and nobody to change.

What it promises is proven on the database (tests/integration/accounts/test_staff_pages.py).
"""

# ruff: noqa: ARG002 - every answer is the same

from collections.abc import Sequence

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Role
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.people.relationships.staff import StaffRefusal
from services.people.staffing.importing import RowAnswer
from services.people.staffing.lists_of_staff import RowFault, StaffRow
from services.portal.front.staff.services import StaffAct
from services.portal.front.staff.services_rota import ShiftWanted


class FakeRota:
    """Nobody looks after any agency, so there is no rota."""

    def rota(self, who: SignedInPractitioner, agency: str) -> None:
        return None

    def write_shift(self, who: SignedInPractitioner, agency: str, wanted: ShiftWanted) -> None:
        return None

    def close_shift(self, who: SignedInPractitioner, agency: str, cover: str) -> None:
        return None


class FakeStaff:
    """Every answer is that of a database in which nobody works anywhere."""

    def agencies(self, who: SignedInPractitioner, after: str) -> Sequence[Agency]:
        return ()

    def agency(self, who: SignedInPractitioner, code: str, after: PractitionerId | None) -> None:
        return None

    def person(self, who: SignedInPractitioner, practitioner: PractitionerId) -> None:
        return None

    def add_agency(self, who: SignedInPractitioner, agency: Agency) -> Agency:
        return agency

    def add(self, who: SignedInPractitioner, entry: PractitionerEntry) -> StaffRefusal:
        return StaffRefusal.AGENCY_NOT_KNOWN

    def change(
        self,
        who: SignedInPractitioner,
        practitioner: PractitionerId,
        agency: str,
        role: Role,
        worker_ref: str | None,
    ) -> None:
        return None

    def act(self, who: SignedInPractitioner, practitioner: PractitionerId, act: StaffAct) -> None:
        return None

    def join(self, who: SignedInPractitioner, practitioner: PractitionerId, code: str) -> None:
        return None

    def take_in(
        self, who: SignedInPractitioner, rows: Sequence[StaffRow | RowFault], *, is_dry_run: bool
    ) -> Sequence[RowAnswer]:
        return ()
