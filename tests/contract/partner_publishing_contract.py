"""What publishing for a partner keeps (services.interfaces.partners.ports.PartnerWork.publish)."""

from datetime import datetime

from connectors.ports import Received, Unreadable
from schemas.vocabulary import Disposition
from tests.contract.partner_acting_contract import PartnerActingContract
from tests.contract.partner_work_contract import SOURCE, PartnerWorld
from tests.support.messages.source_messages import a_message, a_record
from tests.support.partners import NORTHFIELD, OTHER


class PartnerPublishingContract(PartnerActingContract):
    """The suite, with that of everything else behind the interfaces."""

    def test_what_is_permitted_is_published_once(self, world: PartnerWorld, now: datetime) -> None:
        """And what cannot be read is parked, with field and reason."""
        del now
        message = a_message("m1", a_record("r1"))
        world.permit(message)
        unreadable = Received(1, Unreadable("Patient.birthDate", "missing"), raw=lambda: b"x")
        sent = [Received(0, message, raw=lambda: b"m"), unreadable]

        with world.open_work() as work:
            first = work.publish(NORTHFIELD, SOURCE, sent)
        with world.open_work() as work:
            again = work.publish(NORTHFIELD, SOURCE, sent[:1])
            others = work.publish(OTHER, SOURCE, sent[:1])

        assert [m.disposition for m in first] == [Disposition.PUBLISHED, Disposition.PARKED]
        assert (first[1].field, first[1].reason) == ("Patient.birthDate", "missing")
        assert again[0].disposition is Disposition.DUPLICATE
        assert again[0].receipt == first[0].receipt != first[1].receipt
        assert others[0].receipt != first[0].receipt

    def test_what_is_withheld_is_told_and_not_yet_asked_for(
        self, world: PartnerWorld, now: datetime
    ) -> None:
        """Nothing permits it."""
        del now
        message = Received(0, a_message("m2", a_record("r2")), raw=lambda: b"m")

        with world.open_work() as work:
            (told,) = work.publish(NORTHFIELD, SOURCE, [message])
        with world.open_work() as work:
            asked = work.resending.page(NORTHFIELD, cursor=None, most=10)

        assert told.disposition is Disposition.WITHHELD
        assert told.reason
        assert list(asked.items) == []
