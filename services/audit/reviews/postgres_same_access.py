"""One access that is reviewed twice: an item of the queue, and a hit of the rule that always asks.

An emergency, and a visit that nobody confirmed, raise an item at once; the sweep finds the same
act. One is about the other where worker, family, day and what was done are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from schemas.identifiers import PersonId
from schemas.uk_time import first_moment, uk_day
from services.audit.asked import Auditor, NotForThem
from services.audit.outcomes import FoundBecause, Outcome, ReviewRefusal, ReviewStanding, Step
from services.audit.postgres_answers import Auditing
from services.audit.reviews.hits_asked import HitAnswer, hit_asked
from services.audit.reviews.judging_hits import judge_hit
from services.audit.reviews.postgres import PostgresReviews, WaitingItem
from services.audit.reviews.reviewing import ReviewForReviewer, review, review_asked
from services.audit.reviews.waiting import worker_in
from services.audit.unusual.hits import OUTCOMES, Hit, HitStanding
from services.audit.unusual.model import UnusualRule
from services.audit.unusual.reviewing import HitRefusal
from services.people.governance.queue import ItemKind
from services.work import UnitOfWork

_RULE_OF: Mapping[ItemKind, UnusualRule] = {
    ItemKind.EMERGENCY: UnusualRule.EMERGENCY,
    ItemKind.UNCONFIRMED_PRESENCE: UnusualRule.SELF_CLAIMED,
}
_KIND_OF = {rule: kind for kind, rule in _RULE_OF.items()}
_PRACTITIONER = "practitioner:"
_HITS = text("""
    SELECT h.hit_id AS id, s.standing, s.state FROM unusual_hit AS h
        JOIN unusual_standing AS s USING (hit_id)
    WHERE h.practitioner_id = :by AND h.rule = :rule AND h.person_id = ANY(:persons)
      AND h.day = :day ORDER BY h.hit_id
""")
_ITEMS = text("""
    SELECT i.item_id AS id FROM governance_item AS i
    WHERE i.person_id = ANY(:persons) AND i.kind = :kind AND i.raised_by = :by AND i.state = 1
      AND i.known_at >= :since AND i.known_at < :until ORDER BY i.known_at, i.item_id
""")


@dataclass(frozen=True, slots=True)
class SameAccess:
    """The other review of an access: how far it is, as a hit's standing says it of both."""

    id: str
    is_hit: bool
    standing: HitStanding
    state: int

    @property
    def is_open(self) -> bool:
        """Whether somebody has to say something of it."""
        return self.standing not in OUTCOMES


@dataclass(frozen=True, slots=True)
class OtherRefused:
    """What was said stands, and of the other review it was not taken; that is entered."""

    why: HitRefusal | ReviewRefusal

    @property
    def label(self) -> str:
        """In words."""
        return f"What you said is entered. Of the other review it was not taken: {self.why.label}"


def hits_beside(item: WaitingItem, work: UnitOfWork) -> Sequence[SameAccess]:
    """What a rule has found of the access that an item is about."""
    worker, kind = worker_in(item), ItemKind(item.kind)
    if worker is None or kind not in _RULE_OF or not item.persons:
        return ()
    asked = {
        "by": worker.removeprefix(_PRACTITIONER),
        "rule": _RULE_OF[kind].value,
        "persons": sorted(work.clusters.all_of(item.persons)),
        "day": uk_day(item.raised_at),
    }
    return [
        SameAccess(row.id, is_hit=True, standing=HitStanding(row.standing), state=row.state)
        for row in work.connection.execute(_HITS, asked)
    ]


def items_beside(hit: Hit, work: UnitOfWork) -> Sequence[SameAccess]:
    """The items of the queue about the access that a hit is about."""
    if hit.rule not in _KIND_OF or hit.practitioner is None or hit.person is None:
        return ()
    asked = {
        "by": f"{_PRACTITIONER}{hit.practitioner}",
        "kind": _KIND_OF[hit.rule].value,
        "persons": sorted(work.clusters.all_of([PersonId(hit.person)])),
        "since": first_moment(hit.day),
        "until": first_moment(hit.day + timedelta(days=1)),
    }
    ids = list(work.connection.execute(_ITEMS, asked).scalars())
    stands = PostgresReviews(work.connection).standing(ids)
    return [
        SameAccess(one, is_hit=False, standing=_standing(stands[one]), state=stands[one].state)
        for one in ids
    ]


def _standing(review: ReviewStanding) -> HitStanding:
    if review.step is Step.CLOSED and review.outcome is not None:
        return HitStanding(review.outcome.value)
    return HitStanding(review.step.value)


def review_and_others(
    item: str, auditing: Auditing
) -> tuple[ReviewForReviewer, Sequence[SameAccess]] | NotForThem | None:
    """An item as who reviews is shown it, with the other review; see review_asked."""
    asked = review_asked(item, auditing)
    if not isinstance(asked, ReviewForReviewer):
        return asked
    return asked, hits_beside(asked.shown.row.item, auditing.work)


def hit_and_others(
    hit: str, auditing: Auditing
) -> tuple[HitAnswer, Sequence[SameAccess]] | NotForThem | None:
    """A hit with what was beside it, and the other reviews; see hit_asked."""
    asked = hit_asked(hit, auditing)
    if not isinstance(asked, HitAnswer):
        return asked
    return asked, items_beside(asked.hit, auditing.work)


def say_the_same(
    others: Sequence[SameAccess],
    outcome: Outcome,
    because: FoundBecause,
    *,
    by: Auditor,
    work: UnitOfWork,
) -> OtherRefused | None:
    """Say of each that is open what was found of the access; the first refusal, which is entered.

    Each keeps its own rules: who may say it, and the second reviewer that a breach takes.
    """
    refused: OtherRefused | None = None
    for one in others:
        if one.is_open:
            said = _say(one, outcome, because, by, work)
            if refused is None and isinstance(said, HitRefusal | ReviewRefusal):
                refused = OtherRefused(said)
    return refused


def _say(
    one: SameAccess, outcome: Outcome, because: FoundBecause, by: Auditor, work: UnitOfWork
) -> object:
    if one.is_hit:
        return judge_hit(one.id, outcome, because, one.state, by=by, work=work)
    return review(one.id, outcome, because, by=by, work=work, state=one.state)
