"""What every AskingServices does with the answers of a family; subclasses provide the `world`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from consent.errors import DecisionInvalidError
from consent.model import Response
from schemas.vocabulary import Category
from services.people.practitioners.postgres_drafts import Typed
from services.portal.decisions.asking.services import ON_RECORD, FamilyAnswers
from services.portal.decisions.orders import DecisionForm
from services.portal.ports import PortalServices
from services.profile.model import ProfileRefused
from tests.support.portal.portal_forms import a_permit_for
from tests.support.portal.portal_world import PortalWorld

World = PortalWorld[PortalServices]
PLACE, SECRET = "/families/x/decide", "s" * 43
ANSWERS: Typed = {"usual": ["some"], "decided-by": ["mother"]}


class AskingServicesContract:
    """Subclass it, give the fixture `world` as PortalWorld describes it."""

    def test_what_was_answered_is_recorded_once(self, world: World) -> None:
        """All of it; and the answers are gone, so that the second press finds nothing."""
        answered = self.answered(world)

        first, second = (world.services.asking.record(world.practitioner, answered) for _ in "12")

        assert first is not None
        assert (list(first.recorded), first.refused) == (["no", "yes"], None)
        assert second is None
        assert self.responses(world) == [Response.REFUSED, Response.GIVEN]
        assert self.left(world) is None

    def test_a_no_stands_though_the_yes_beside_it_is_refused(self, world: World) -> None:
        """What of it is on record is told with the answers; sent again the rest is recorded."""
        answered = self.answered(world, until=date(2020, 1, 1))

        together = world.services.asking.record(world.practitioner, answered)
        left = self.left(world)
        at_first = self.responses(world)
        rest = replace(answered, answers=left or {}, forms={"yes": a_permit_for(world.child)})
        world.services.asking.record(world.practitioner, rest)

        assert together is not None
        assert list(together.recorded) == ["no"]
        assert isinstance(together.refused, DecisionInvalidError)
        assert left == {**ANSWERS, ON_RECORD: ["no"]}
        assert at_first == [Response.REFUSED]
        assert self.responses(world) == [Response.REFUSED, Response.GIVEN]
        assert self.left(world) is None

    def test_what_could_not_be_read_stays_with_the_answers(self, world: World) -> None:
        """The no that could is in force."""
        whole = self.answered(world)
        only_no = replace(whole, forms={"no": whole.forms["no"]}, is_whole=False)

        world.services.asking.record(world.practitioner, only_no)

        assert self.responses(world) == [Response.REFUSED]
        assert self.left(world) == {**ANSWERS, ON_RECORD: ["no"]}

    def test_where_the_no_is_refused_so_is_the_yes(self, world: World) -> None:
        """A yes alone would be more than was said."""
        answered = self.answered(world)
        impossible = replace(answered.forms["no"], categories=frozenset())
        wrong = replace(answered, forms={**answered.forms, "no": impossible})

        together = world.services.asking.record(world.practitioner, wrong)

        assert together is not None
        assert not together.recorded
        assert self.responses(world) == []
        assert self.left(world) == {**ANSWERS, ON_RECORD: []}

    def test_what_was_changed_meanwhile_is_not_recorded(self, world: World) -> None:
        """In another tab: it is read aloud again first."""
        answered = replace(self.answered(world), answers={"usual": ["no"]})

        assert world.services.asking.record(world.practitioner, answered) is None
        assert self.responses(world) == []
        assert self.left(world) == ANSWERS

    def test_what_fails_half_way_leaves_nothing_behind(self, world: World) -> None:
        """Neither a decision nor a change of the answers."""
        answered = self.answered(world, until="no day")

        with pytest.raises(TypeError):
            world.services.asking.record(world.practitioner, answered)

        assert self.responses(world) == []
        assert self.left(world) == ANSWERS

    @staticmethod
    def answered(world: World, **yes: object) -> FamilyAnswers:
        """A no to the story and a yes to health, as they lie sealed."""
        who, child = world.practitioner, world.child
        world.services.sessions.keep_typed(who.id, child, PLACE, dict(ANSWERS), SECRET)
        permit = replace(a_permit_for(child), categories=frozenset({Category.CHILD_HEALTH}), **yes)
        no = replace(
            permit,
            response=Response.REFUSED,
            categories=frozenset({Category.STORY}),
            until=None,
        )
        forms: Mapping[str, DecisionForm] = {"no": no, "yes": permit}
        return FamilyAnswers(child, PLACE, SECRET, ANSWERS, forms)

    @staticmethod
    def left(world: World) -> Typed | None:
        """What lies there now."""
        sessions = world.services.sessions
        found: Typed | None = sessions.typed_so_far(world.practitioner.id, PLACE, SECRET)
        return found

    @staticmethod
    def responses(world: World) -> list[Response]:
        """What is on record about the child, the first first."""
        listed = world.services.decisions(world.practitioner, world.child)
        assert not isinstance(listed, ProfileRefused)
        return [one.said.response for one in listed][::-1]
