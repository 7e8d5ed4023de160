"""What every PortalServices does with receipts; subclasses provide the `world`."""

import json

from schemas.identifiers import DecisionId
from services.portal.ports import PortalServices
from services.profile.model import ProfileRefused
from tests.support.portal.portal_forms import a_permit_for
from tests.support.portal.portal_world import PortalWorld

World = PortalWorld[PortalServices]


class ReceiptServicesContract:
    """Subclass it, give `world` as PortalWorld describes it; `settle` lets the ledger prove all."""

    def settle(self, world: World) -> None:
        """Let the ledger prove what was decided."""

    def test_a_receipt_is_of_the_decision(self, world: World) -> None:
        """As a file, for who has a relationship with everybody in it."""
        recorded = world.record(a_permit_for(world.child))
        self.settle(world)

        receipt = world.services.receipt(world.practitioner, recorded.decision_id)

        assert isinstance(receipt, bytes)
        told = json.loads(receipt)["receipt"]["record_header"]
        assert told["record_id"] == recorded.decision_id

    def test_of_what_is_not_known_there_is_none(self, world: World) -> None:
        """Said in the same words as to a stranger."""
        refused = world.services.receipt(world.practitioner, DecisionId("0" * 32))

        assert isinstance(refused, ProfileRefused)

    def test_a_stranger_gets_none(self, world: World) -> None:
        """Also of a decision that there is."""
        recorded = world.record(a_permit_for(world.child))
        self.settle(world)
        stranger = next(
            p for p in world.services.demonstration_people() if p.id != world.practitioner.id
        )

        refused = world.services.receipt(stranger, recorded.decision_id)

        assert isinstance(refused, ProfileRefused)
