"""What every PortalServices does for data stewards; subclasses provide the `world`."""

from dataclasses import replace

from schemas.vocabulary import Role, Source
from services.people.linking.comparing import Field, Level
from services.people.linking.ports import JoinRefusal, Review, ReviewState
from services.people.linking.queue import Answer
from services.people.linking.stewards_view import NotShown, SideBySide
from services.people.practitioners.people import SignedInPractitioner
from services.portal.ports import PortalServices
from tests.support.people.pairs import StewardWorld

World = StewardWorld[PortalServices]


class StewardServicesContract:
    """Subclass it, give the fixture `world` as StewardWorld describes it."""

    def test_pairs_are_listed_that_are_not_protected(self, world: World) -> None:
        """Those that are likeliest one person first."""
        found = self.listed(world, ReviewState.WAITING)

        assert {review.id for review in found} == {world.alike, world.misdated}
        assert [r.bits for r in found] == sorted((r.bits for r in found), reverse=True)
        assert self.listed(world, ReviewState.JOINED) == []

    def test_nobody_but_a_data_steward_is_answered(self, world: World) -> None:
        """Whatever they are, and whatever they ask."""
        others = [
            replace(world.practitioner, role=role) for role in Role if role != Role.DATA_STEWARD
        ]

        answers = [
            answer
            for who in others
            for answer in (
                world.services.reviews(who, ReviewState),
                world.services.review(who, world.alike),
                world.services.answer_review(who, world.alike, Answer.JOIN),
                world.services.ask_sources(who, world.alike),
            )
        ]

        assert set(answers) == {NotShown.NOT_A_DATA_STEWARD}
        assert self.state(world, world.alike) is ReviewState.WAITING

    def test_a_hidden_pair_is_not_told_from_one_that_is_not_there(self, world: World) -> None:
        """Whatever is asked about it."""
        services, who = world.services, world.steward

        answers = [
            answer
            for review in (world.hidden, "made-up")
            for answer in (
                services.review(who, review),
                services.answer_review(who, review, Answer.APART),
                services.ask_sources(who, review),
            )
        ]

        assert set(answers) == {NotShown.NOT_KNOWN}

    def test_both_are_shown_field_by_field(self, world: World) -> None:
        """With what agrees, and whom to ring about each source."""
        found = world.services.review(world.steward, world.alike)

        assert not isinstance(found, NotShown)
        assert {source.source for source in found.to_ring} == {
            Source.HEALTH_VISITING,
            Source.SCHOOLS,
        }
        assert all(source.agencies for source in found.to_ring)
        levels = {line.field: line.level for line in self.side(world, world.alike).lines}
        assert levels[Field.FAMILY] is levels[Field.BORN] is Level.SAME
        assert levels[Field.POSTCODE] is Level.DIFFERENT

    def test_two_can_be_said_to_be_one(self, world: World) -> None:
        """It is remembered by whom, and is not said twice; another steward has to say so too."""
        answered = self.answer(world, world.alike, Answer.JOIN)

        assert isinstance(answered, Review)
        assert answered.answered_by == f"practitioner:{world.steward.id}"
        assert answered.state is ReviewState.CLAIMED
        assert self.listed(world, ReviewState.CLAIMED) == []
        assert self.answer(world, world.alike, Answer.CONFIRM) is JoinRefusal.SAME_HAND
        for said in (Answer.JOIN, Answer.APART):
            assert self.answer(world, world.alike, said) is JoinRefusal.SAID_TO_BE_ONE
        assert [r.id for r in self.listed(world, ReviewState.CLAIMED, world.second)] == [
            world.alike
        ]
        assert isinstance(self.answer(world, world.alike, Answer.CONFIRM, world.second), Review)
        assert [r.id for r in self.listed(world, ReviewState.JOINED)] == [world.alike]
        again = self.answer(world, world.alike, Answer.CONFIRM)
        assert again is JoinRefusal.NOTHING_WAITS
        assert self.answer(world, world.alike, Answer.JOIN) is JoinRefusal.ALREADY_ONE
        assert self.answer(world, world.alike, Answer.APART) is JoinRefusal.ALREADY_ONE

    def test_who_was_joined_is_still_seen_side_by_side(self, world: World) -> None:
        """Each as they came, so that somebody can see that it was wrong."""
        before = self.side(world, world.alike)

        self.answer(world, world.alike, Answer.JOIN)

        after = self.side(world, world.alike)
        assert {after.one, after.other} == {before.one, before.other}
        assert {_words(after, Field.POSTCODE)} == {_words(before, Field.POSTCODE)}

    def test_a_join_can_be_undone_and_made_again(self, world: World) -> None:
        """Whoever says so knows what was said before."""
        self.answer(world, world.alike, Answer.JOIN)

        undone = self.answer(world, world.alike, Answer.UNDO)

        assert isinstance(undone, Review)
        assert self.state(world, world.alike) is ReviewState.APART
        assert self.answer(world, world.alike, Answer.UNDO) is JoinRefusal.NOT_JOINED
        assert isinstance(self.answer(world, world.alike, Answer.JOIN), Review)

    def test_two_can_be_said_to_be_two(self, world: World) -> None:
        """They wait for nobody any more."""
        self.answer(world, world.alike, Answer.APART)

        assert self.state(world, world.alike) is ReviewState.APART
        assert [r.id for r in self.listed(world, ReviewState.WAITING)] == [world.misdated]

    def test_another_date_of_birth_must_be_said_to_be_a_slip(self, world: World) -> None:
        """Otherwise nothing is done."""
        refused = self.answer(world, world.misdated, Answer.JOIN)
        before = self.state(world, world.misdated)

        joined = self.answer(world, world.misdated, Answer.JOIN_ALTHOUGH_BORN_OTHERWISE)

        assert (refused, before) == (JoinRefusal.OTHER_BIRTH, ReviewState.WAITING)
        assert isinstance(joined, Review)

    def test_asking_the_sources_is_written_down_until_somebody_answers(self, world: World) -> None:
        """Whoever had the old page open does not open an answered pair again."""
        asked = world.services.ask_sources(world.steward, world.alike)
        listed = [r.id for r in self.listed(world, ReviewState.ASKED_SOURCE)]
        self.answer(world, world.alike, Answer.JOIN)

        late = world.services.ask_sources(world.steward, world.alike)

        assert isinstance(asked, Review)
        assert asked.asked_at is not None
        assert listed == [world.alike]
        assert isinstance(late, Review)
        assert self.state(world, world.alike) is ReviewState.CLAIMED

    def settle(self, world: World) -> None:
        """Override where what is answered has work behind it; do that here."""

    def answer(
        self,
        world: World,
        review: str,
        answer: Answer,
        who: SignedInPractitioner | None = None,
    ) -> object:
        """Answer as the steward and wait for what follows."""
        answered = world.services.answer_review(who or world.steward, review, answer)
        self.settle(world)
        return answered

    @staticmethod
    def listed(
        world: World, state: ReviewState, who: SignedInPractitioner | None = None
    ) -> list[Review]:
        """The pairs in one state."""
        found = world.services.reviews(who or world.steward, [state])
        assert not isinstance(found, NotShown)
        return list(found)

    @staticmethod
    def state(world: World, review: str) -> ReviewState:
        """How a pair stands."""
        found = world.services.review(world.steward, review)
        assert not isinstance(found, NotShown)
        return found.review.state

    @staticmethod
    def side(world: World, review: str) -> SideBySide:
        """Both of a pair side by side."""
        found = world.services.review(world.steward, review)
        assert not isinstance(found, NotShown)
        assert found.side is not None
        return found.side


def _words(side: SideBySide, field: Field) -> frozenset[str | None]:
    (line,) = [line for line in side.lines if line.field is field]
    return frozenset({line.one, line.other})
