"""The words of saying yes: who asks, what they would see, and what follows (reading age 9)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from consent.model import SharingDecision
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Purpose, Source
from services.decisions.saying_on_own_page import MAY_BE_SAID, AskedOf
from services.interfaces.family_door.agreeing.services import AskedPage
from services.interfaces.family_door.services import OnPage
from services.interfaces.family_door.words import SERVICES, called, listed, parts_in_words
from services.portal.words.dates import uk_day_in_words

_RECIPIENTS = {f"agency:{one.value}": word for one, word in SERVICES.items()}
_WORKER, _EVERYBODY = "one worker", "everyone who works with you"
_FOR = {
    Purpose.EARLY_HELP: "to help early",
    Purpose.DIRECT_CARE: "to look after you",
    Purpose.SAFEGUARDING: "to keep children safe",
    Purpose.SERVICE_IMPROVEMENT: "to make their work better",
    Purpose.SUBJECT_ACCESS: "to tell you what we hold",
}


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One thing that waits for an answer."""

    decision: DecisionId
    asked_by: str
    who: str
    sees: tuple[str, ...]
    sees_not: tuple[str, ...]
    about: str
    wants: str
    answer_by: str
    ends: str


def asked_lines(page: AskedPage) -> Sequence[AskedLine]:
    """Write each."""
    names = names_on(page.people)
    return [_asked_line(asked, by, names) for asked, by in zip(page.asked, page.by, strict=True)]


def _asked_line(asked: AskedOf, by: Source | None, names: Callable[[PersonId], str]) -> AskedLine:
    decision = asked.decision
    sees = tuple(one for one in Category if one in decision.categories)
    sees_not = tuple(one for one in MAY_BE_SAID if one not in sees)
    return AskedLine(
        decision.id,
        "One of us" if by is None else f"Your {SERVICES[by].lower()}",
        recipients_in_words(decision),
        tuple(parts_in_words([one]) for one in sees),
        tuple(parts_in_words([one]) for one in sees_not),
        listed([names(one) for one in asked.about]),
        listed([_FOR[one] for one in Purpose if one in decision.purposes]),
        uk_day_in_words(asked.proposal.until),
        _ends(decision),
    )


def _ends(decision: SharingDecision) -> str:
    if decision.until is None:
        return "It goes on until you say no."
    return f"It ends on {uk_day_in_words(decision.until)}, or when you say no."


def recipients_in_words(decision: SharingDecision) -> str:
    """Who may see it; a worker whom it names is one of us, and not named here."""
    named = sorted({_RECIPIENTS.get(one, _WORKER) for one in decision.recipients})
    return listed(named) if named else _EVERYBODY


def names_on(people: Sequence[OnPage]) -> Callable[[PersonId], str]:
    """What a page calls each of these, and anybody else."""
    names = {one.person: called(one, number - 1) for number, one in enumerate(people)}
    return lambda person: names.get(person, "Your child")
