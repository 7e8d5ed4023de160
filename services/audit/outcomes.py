"""What a review may find, in which steps, and who may find it: one vocabulary for every review.

Emergencies, visits that nobody confirmed, and what the rules of unusual access have found are
reviewed by the same steps. Nothing here is free text: whatever is said of a review is a code, so
that no page and no export of it can hold what a record holds.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from schemas.vocabulary import LabelledCode


class Outcome(LabelledCode):
    """What a review found."""

    JUSTIFIED = "justified", "Justified: there was a reason to look"
    TRAINING = "training", "Not justified by intent: training is given"
    BREACH = "breach", "A breach: looked without a reason to"
    NOT_REAL = "not-real", "Not real: the facts that raised it are wrong"


class Step(LabelledCode):
    """How far a review is."""

    NEW = "new", "Nobody has looked at it yet"
    LOOKING = "looking", "A reviewer is looking at it"
    ASKED_WORKER = "asked-worker", "The worker was asked"
    ASKED_MANAGER = "asked-manager", "The worker's manager was asked"
    SECOND_WANTED = "second-wanted", "Found to be a breach: a second reviewer is waited for"
    CLOSED = "closed", "Closed with what was found"


class FoundBecause(LabelledCode):
    """By what a review came to what it found."""

    LATER_WORK = "later-work", "A contact, record, plan or referral followed"
    CASE_LOAD = "case-load", "The family was on their case-load"
    COVER_OR_ROTA = "cover-or-rota", "They stood in for somebody, or were on the rota"
    THREAT_WAS_REAL = "threat-was-real", "There was a serious threat, and no time to ask"
    FAMILY_SAYS_SO = "family-says-so", "The family was asked, and says that it was so"
    MANAGER_SAYS_SO = "manager-says-so", "Their manager was asked, and says that it was so"
    ASKED_TO_LOOK = "asked-to-look", "They were asked to look, by a court, an inquiry or an audit"
    SOMEBODY_ELSE = "somebody-else", "It was somebody else of that name, or another address"
    WRONG_FACTS = "wrong-facts", "A date, a list or a clock was wrong"
    OPENED_BY_MISTAKE = "opened-by-mistake", "The wrong family was opened, and closed again"
    RULES_NOT_KNOWN = "rules-not-known", "They did not know that it was not theirs to open"
    OWN_FAMILY = "own-family", "Their own family, a neighbour or a friend"
    CURIOSITY = "curiosity", "No reason connected with their work"
    PASSED_ON = "passed-on", "What was seen was passed on"
    NO_ANSWER = "no-answer", "They were asked, and did not answer"


MAY_BE_BECAUSE: dict[Outcome, frozenset[FoundBecause]] = {
    Outcome.JUSTIFIED: frozenset(
        {
            FoundBecause.LATER_WORK,
            FoundBecause.CASE_LOAD,
            FoundBecause.COVER_OR_ROTA,
            FoundBecause.THREAT_WAS_REAL,
            FoundBecause.FAMILY_SAYS_SO,
            FoundBecause.MANAGER_SAYS_SO,
            FoundBecause.ASKED_TO_LOOK,
        }
    ),
    Outcome.TRAINING: frozenset({FoundBecause.OPENED_BY_MISTAKE, FoundBecause.RULES_NOT_KNOWN}),
    Outcome.BREACH: frozenset(
        {
            FoundBecause.OWN_FAMILY,
            FoundBecause.CURIOSITY,
            FoundBecause.PASSED_ON,
            FoundBecause.NO_ANSWER,
        }
    ),
    Outcome.NOT_REAL: frozenset({FoundBecause.SOMEBODY_ELSE, FoundBecause.WRONG_FACTS}),
}
"""Which reasons go with which outcome; every outcome needs one."""

DISMISSES = frozenset({Outcome.JUSTIFIED, Outcome.NOT_REAL})
"""After these a rule is quiet about the same worker and family for a time (`review.quiet_days`)."""
NEEDS_SECOND = frozenset({Outcome.BREACH})
"""These stand once another reviewer has said so too."""


class ReviewRefusal(LabelledCode):
    """Why somebody's word on a review was not taken."""

    NOT_OPEN = "not-open", "It is not there, or closed already."
    OWN = "own", "Nobody reviews themselves."
    OWN_TEAM = "own-team", "Nobody reviews somebody of their own team."
    SAME_HAND = "same-hand", "A breach needs a second reviewer, who is somebody else."
    WRONG_REASON = "wrong-reason", "That is no reason for this outcome."
    NOT_ALLOWED = "not-allowed", "Reviews are for information governance."
    CHANGED = "changed", "Somebody else said something of it meanwhile. Look at it again."


@dataclass(frozen=True, slots=True)
class ReviewHand:
    """Somebody by whom, or about whom, a review is: as the ledger names them, and where they work.

    `teams` are what a list of staff calls those of any of their accounts, as keyed hashes; none
    where no list says.
    """

    actor: str
    agency: str | None = None
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ReviewStanding:
    """How a review stands; `found_by` is whoever said the outcome first, `closed_by` the last."""

    step: Step = Step.NEW
    outcome: Outcome | None = None
    because: FoundBecause | None = None
    found_by: str | None = None
    closed_by: str | None = None
    state: int = 1


AreOne = Callable[[str, str], bool]
"""Whether two actors are one human being (services.people.signing_in.postgres_accounts)."""


def may_review(
    by: ReviewHand, about: ReviewHand | None, *, are_one: AreOne
) -> ReviewRefusal | None:
    """Why somebody may not say anything of this review; None where they may.

    `about` is None where it is about nobody's act, as a family's question is. A team that no list
    of staff tells is not compared: whoever reviews has a role that opens no family records.
    """
    if about is None:
        return None
    if are_one(by.actor, about.actor):
        return ReviewRefusal.OWN
    return ReviewRefusal.OWN_TEAM if by.teams & about.teams else None


def moved(standing: ReviewStanding, step: Step) -> ReviewStanding | ReviewRefusal:
    """The review one step on, short of an outcome: somebody is looking, or was asked."""
    is_over = standing.step in {Step.SECOND_WANTED, Step.CLOSED}
    if is_over or step in {Step.NEW, Step.SECOND_WANTED, Step.CLOSED}:
        return ReviewRefusal.NOT_OPEN
    return replace(standing, step=step, state=standing.state + 1)


def found(
    standing: ReviewStanding,
    outcome: Outcome,
    because: FoundBecause,
    *,
    by: ReviewHand,
    about: ReviewHand | None,
    are_one: AreOne,
) -> ReviewStanding | ReviewRefusal:
    """The review with what a reviewer found; a breach is closed by the second who finds one.

    A second reviewer who finds something else closes it with that: two have looked.
    """
    refused = _why_not(standing, outcome, because, by=by, about=about, are_one=are_one)
    if refused is not None:
        return refused
    said = replace(standing, outcome=outcome, because=because, state=standing.state + 1)
    if standing.step is Step.SECOND_WANTED:
        return replace(said, step=Step.CLOSED, closed_by=by.actor)
    if outcome in NEEDS_SECOND:
        return replace(said, step=Step.SECOND_WANTED, found_by=by.actor)
    return replace(said, step=Step.CLOSED, found_by=by.actor, closed_by=by.actor)


def _why_not(
    standing: ReviewStanding,
    outcome: Outcome,
    because: FoundBecause,
    *,
    by: ReviewHand,
    about: ReviewHand | None,
    are_one: AreOne,
) -> ReviewRefusal | None:
    if standing.step is Step.CLOSED:
        return ReviewRefusal.NOT_OPEN
    if (refused := may_review(by, about, are_one=are_one)) is not None:
        return refused
    if because not in MAY_BE_BECAUSE[outcome]:
        return ReviewRefusal.WRONG_REASON
    is_second = standing.step is Step.SECOND_WANTED and standing.found_by is not None
    if is_second and are_one(by.actor, standing.found_by or ""):
        return ReviewRefusal.SAME_HAND
    return None
