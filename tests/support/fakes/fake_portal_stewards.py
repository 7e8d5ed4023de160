"""What data stewards ask, in memory: the real comparison, simple rules for their answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from schemas.vocabulary import Role
from services.people.linking.comparing import Field, Level
from services.people.linking.ports import JoinRefusal, Review, ReviewState
from services.people.linking.queue import Answer
from services.people.linking.stewards_view import NotShown
from services.people.practitioners.people import AgencyToRing, SignedInPractitioner, SourceToRing
from services.people.practitioners.stewards import ReviewedPair
from services.profile.families import Deaths
from tests.support.fakes.fake_portal_stories import FakeStoryServices
from tests.support.people.pairs import InventedPair

_AGREE = {Level.SAME, Level.NOT_KNOWN}


@dataclass(slots=True)
class FakeStewardServices(FakeStoryServices):
    """Pairs by the id of their review; `hidden` ones are as if they were not there."""

    pairs: dict[str, InventedPair] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    deaths: dict[str, Deaths] = field(default_factory=dict)

    def add_pair(self, pair: InventedPair) -> None:
        """Let somebody be asked about these two."""
        self.pairs[pair.review.id] = pair

    def reviews(
        self, who: SignedInPractitioner, states: Collection[ReviewState]
    ) -> Sequence[Review] | NotShown:
        self.fail_if_broken()
        if who.role is not Role.DATA_STEWARD:
            return NotShown.NOT_A_DATA_STEWARD
        found = [p.review for p in self.pairs.values() if p.review.id not in self.hidden]
        by = f"practitioner:{who.id}"
        own = [r for r in found if r.state.waits_for_another and r.answered_by == by]
        return sorted(
            (r for r in found if r.state in states and r not in own), key=lambda r: -r.bits
        )

    def review(self, who: SignedInPractitioner, review: str) -> ReviewedPair | NotShown:
        self.fail_if_broken()
        pair = self._pair(who, review)
        if isinstance(pair, NotShown):
            return pair
        if pair.side is None:
            return ReviewedPair(pair.review, None, ())
        sources = sorted({pair.side.one_source, pair.side.other_source})
        to_ring = tuple(
            SourceToRing(s, (AgencyToRing(f"Exbury {s.label.lower()}", "01632 960 700"),))
            for s in sources
        )
        return ReviewedPair(pair.review, replace(pair.side, review=pair.review), to_ring)

    def deaths_of_pair(self, pair: ReviewedPair) -> Deaths:
        return self.deaths.get(pair.review.id, (None, None))

    def answer_review(
        self, who: SignedInPractitioner, review: str, answer: Answer
    ) -> Review | NotShown | JoinRefusal:
        pair = self._pair(who, review)
        if isinstance(pair, NotShown):
            return pair
        by = f"practitioner:{who.id}"
        refused = _refused(pair, answer, by)
        if refused is not None:
            return refused
        state = _AFTER[answer]
        pair.review = replace(pair.review, state=state, answered_at=self.now(), answered_by=by)
        return pair.review

    def ask_sources(self, who: SignedInPractitioner, review: str) -> Review | NotShown:
        pair = self._pair(who, review)
        if isinstance(pair, NotShown):
            return pair
        if pair.side is None:
            return NotShown.NOTHING_TO_COMPARE
        if pair.review.state.is_open:
            asked = ReviewState.ASKED_SOURCE
            pair.review = replace(pair.review, state=asked, asked_at=self.now())
        return pair.review

    def _pair(self, who: SignedInPractitioner, review: str) -> InventedPair | NotShown:
        if who.role is not Role.DATA_STEWARD:
            return NotShown.NOT_A_DATA_STEWARD
        known = review in self.pairs and review not in self.hidden
        return self.pairs[review] if known else NotShown.NOT_KNOWN


_AFTER = {
    Answer.JOIN: ReviewState.CLAIMED,
    Answer.JOIN_ALTHOUGH_BORN_OTHERWISE: ReviewState.CLAIMED,
    Answer.CONFIRM: ReviewState.JOINED,
    Answer.APART: ReviewState.APART,
    Answer.UNDO: ReviewState.APART,
}


def _refused(pair: InventedPair, answer: Answer, by: str) -> JoinRefusal | None:
    state = pair.review.state
    is_joined = state in {ReviewState.JOINED, ReviewState.CLAIMED}
    if answer is Answer.UNDO:
        return None if is_joined else JoinRefusal.NOT_JOINED
    if answer is Answer.CONFIRM:
        if state is not ReviewState.CLAIMED:
            return JoinRefusal.NOTHING_WAITS if is_joined else JoinRefusal.NOT_JOINED
        return JoinRefusal.SAME_HAND if pair.review.answered_by == by else None
    if is_joined:
        is_claimed = state is ReviewState.CLAIMED
        return JoinRefusal.SAID_TO_BE_ONE if is_claimed else JoinRefusal.ALREADY_ONE
    is_slip_said = answer is not Answer.JOIN
    if pair.side is None or is_slip_said:
        return None
    born = next(line for line in pair.side.lines if line.field is Field.BORN)
    return None if born.level in _AGREE else JoinRefusal.OTHER_BIRTH
