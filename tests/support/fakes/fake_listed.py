"""ListedServices and RegisteringServices in memory for pages about other things: nobody may write.

What it promises is proven on the database (tests/integration/directory/test_listed_pages.py,
tests/integration/answering/test_partner_pages.py).
"""

from datetime import date

from services.interfaces.directory.entries.form import EntryForm
from services.interfaces.directory.entries.writing import NotWritten
from services.people.community.registering import RegisterPartner
from services.people.practitioners.people import SignedInPractitioner


class FakeListed:
    """No entry, and nobody to write one."""

    def listed(self, who: SignedInPractitioner) -> None:
        del who

    def entry(self, who: SignedInPractitioner, service: str) -> None:
        del who, service

    def write(
        self,
        who: SignedInPractitioner,
        partner: str,
        form: EntryForm,
        *,
        service: str | None,
        revision: int,
    ) -> NotWritten:
        del who, partner, form, service, revision
        return NotWritten.NOT_YOURS

    def answer(self, who: SignedInPractitioner, proposal: str, *, accepts: bool) -> NotWritten:
        del who, proposal, accepts
        return NotWritten.NOT_WAITING

    def seen(self, who: SignedInPractitioner, service: str) -> None:
        del who, service

    def knows_postcode(self, postcode: str) -> bool:
        del postcode
        return False


class FakeRegistering:
    """No partner, and nobody of a hub."""

    def partners(self, who: SignedInPractitioner) -> None:
        del who

    def partner(self, who: SignedInPractitioner, code: str) -> None:
        del who, code

    def register(self, who: SignedInPractitioner, command: RegisterPartner) -> None:
        del who, command

    def renew(self, who: SignedInPractitioner, code: str, insured_until: date) -> None:
        del who, code, insured_until

    def end(self, who: SignedInPractitioner, code: str) -> None:
        del who, code

    def answer(self, who: SignedInPractitioner, order: str, *, confirms: bool) -> None:
        del who, order, confirms
