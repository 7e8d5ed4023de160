"""ListedServices in memory for pages about other things: nobody may write an entry.

What it promises is proven on the database (tests/integration/directory/test_listed_pages.py).
"""

from services.interfaces.directory.entries.form import EntryForm
from services.interfaces.directory.entries.writing import NotWritten
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
