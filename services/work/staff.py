"""What staff, agencies and lists of staff are looked after with, in one transaction."""

from collections.abc import Mapping

from services.people.relationships.staff import Staffing, is_administrator
from services.people.staffing.agencies import AgencyDesk
from services.people.staffing.answering import STAFF_KINDS
from services.people.staffing.importing import StaffImport
from services.people.staffing.waiting import WaitingStaff
from services.work.transaction import PostgresTransaction


class StaffWork(PostgresTransaction):
    """The part of a unit of work that is about who works where."""

    def staffing(self, *, by_one_hand: bool = False) -> Staffing:
        """What staff are added, moved and taken out with.

        Where families are invented a command is both hands; `by_one_hand` what is done on a page.
        """
        return Staffing(
            self.memberships,
            self.directory,
            self.relationships,
            self.orders,
            self.ledger,
            self.now,
            self.sign_in_accounts,
            self.limits,
            self.is_demonstration and not by_one_hand,
        )

    def agency_desk(self) -> AgencyDesk:
        """What agencies are entered with."""
        return AgencyDesk(self.directory, self.hasher, self.staffing())

    def staff_import(self, issuers: Mapping[str, str], *, on_a_page: bool = False) -> StaffImport:
        """What a list of staff is taken in with."""
        orders = self.orders.of_kinds(*STAFF_KINDS)
        staffing = self.staffing(by_one_hand=on_a_page)
        # What nobody can accept any more is not asked for.
        askers = {one.asked_by for one in orders}
        count = {one for one in askers if is_administrator(one, staffing)}
        orders = [one for one in orders if one.asked_by in count]
        waiting = WaitingStaff(orders, self.directory.name_of, self.now)
        return StaffImport(staffing, waiting, issuers, may_change_details=not on_a_page)
