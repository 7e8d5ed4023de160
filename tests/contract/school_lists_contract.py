"""What every ListServices does for data stewards; subclasses provide `world` and `put`."""

from dataclasses import replace

from schemas.vocabulary import Role
from services.people.governance.orders import NotTheirs, Order, OrderStatus
from services.portal.ports import PortalServices
from tests.support.people.pairs import StewardWorld

World = StewardWorld[PortalServices]


class SchoolListsContract:
    """Subclass it; `put` lets one question wait and gives its id."""

    def test_a_question_is_answered_once(self, world: World) -> None:
        """It is gone then; who answers again changes nothing."""
        order = self.put(world)

        waiting = [one.id for one in world.services.lists.waiting(world.steward) or ()]
        answered = world.services.lists.answer(world.steward, order, agrees=True)
        again = world.services.lists.answer(world.steward, order, agrees=False)

        assert waiting == [order]
        assert isinstance(answered, Order)
        assert answered.status is OrderStatus.CONFIRMED
        assert again is NotTheirs.ANSWERED
        assert world.services.lists.waiting(world.steward) == []

    def test_nobody_but_a_data_steward_is_answered(self, world: World) -> None:
        """Whatever they are; nor is a steward, of a question that is not there."""
        order = self.put(world)
        others = [
            replace(world.practitioner, role=role) for role in Role if role != Role.DATA_STEWARD
        ]

        assert {world.services.lists.waiting(who) for who in others} == {None}
        assert {world.services.lists.answer(who, order, agrees=True) for who in others} == {
            NotTheirs.NOT_THERE
        }
        nowhere = world.services.lists.answer(world.steward, "nowhere", agrees=True)
        assert nowhere is NotTheirs.NOT_THERE

    def put(self, world: World) -> str:
        """Let one question wait."""
        raise NotImplementedError
