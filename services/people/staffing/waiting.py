"""What is asked for about staff and waits to be accepted, found by whom it is about."""

from collections.abc import Callable, Iterable
from datetime import datetime

from schemas.identifiers import PractitionerId
from services.people.governance.orders import Order
from services.people.practitioners.people import plain_name
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.people.relationships.staff import KIND
from services.people.staffing.joining import JOIN

NameOf = Callable[[PractitionerId], str | None]


class WaitingStaff:
    """Orders that wait at one moment, as a list of staff is compared with them."""

    def __init__(self, orders: Iterable[Order], name_of: NameOf, at: datetime) -> None:
        self._called: dict[tuple[str, str], PractitionerId] = {}
        self._of_name: dict[tuple[str, str], list[tuple[PractitionerId, str | None]]] = {}
        self._changes: set[tuple[str, ...]] = set()
        self._joinings: set[tuple[str, str]] = set()
        for order in orders:
            if not order.is_waiting(at):
                continue
            told = order.document
            who = PractitionerId(told["practitioner"])
            if order.kind == JOIN:
                self._joinings.add((who, told["sign_in"]))
            if order.kind != KIND:
                continue
            agency, ref = told["agency"], told["worker_ref"]
            self._changes.add((who, agency, told["role"], ref or ""))
            if ref is not None:
                self._called[agency, ref] = who
            name = plain_name(name_of(who) or "")
            self._of_name.setdefault((agency, name), []).append((who, ref))

    def called(self, agency: str, worker_ref: str) -> PractitionerId | None:
        """Whom this agency is to call so."""
        return self._called.get((agency, worker_ref))

    def of_name(self, agency: str, name: str, worker_ref: str | None) -> set[PractitionerId]:
        """Who of that name is to work in this agency, but for those with another reference."""
        found = self._of_name.get((agency, plain_name(name)), ())
        return {who for who, ref in found if None in {ref, worker_ref}}

    def has_change(self, entry: PractitionerEntry) -> bool:
        """Whether just that is asked for already."""
        told = (entry.id, entry.agency_code, entry.role.value, entry.worker_ref or "")
        return told in self._changes

    def has_joining(self, practitioner: PractitionerId, digest: bytes) -> bool:
        """Whether it is asked for already that this sign-in opens this account."""
        return (practitioner, digest.hex()) in self._joinings
