"""What a reviewer says on a page: a step or an outcome, and by what they know. Codes alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.audit.outcomes import MAY_BE_BECAUSE, FoundBecause, Outcome, Step
from services.portal.frame.errors import SignInNotFreshError
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.visit import Visit

STEPS = (Step.LOOKING, Step.ASKED_WORKER, Step.ASKED_MANAGER)
"""What can be said short of an outcome."""
_HINTS = {
    Step.LOOKING: "You have begun. Nobody is told.",
    Step.ASKED_WORKER: "You have asked the worker outside this service, and wait for an answer.",
    Step.ASKED_MANAGER: "You have asked their manager or lead, and wait for an answer.",
    Outcome.JUSTIFIED: "There was a reason for the look.",
    Outcome.TRAINING: "A mistake without intent. Their lead is told, and trains them.",
    Outcome.BREACH: "Goes to a second reviewer. The runbook and the list of families begin when "
    "they agree.",
    Outcome.NOT_REAL: "What raised it is wrong.",
}


@dataclass(frozen=True, slots=True)
class SaidWord:
    """One thing that can be said."""

    code: str
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class ReviewerSaid:
    """What was said of a review that stood at `state` when it was shown.

    `of_both`: where the same access is reviewed twice, of the other too.
    """

    word: Step | Outcome
    because: FoundBecause | None
    state: int
    of_both: bool = False


def words_to_say(words: Iterable[Step | Outcome]) -> tuple[SaidWord, ...]:
    """The choices of a form, in order."""
    return tuple(SaidWord(word.value, word.label, _HINTS[word]) for word in words)


def reasons_for(words: Iterable[Step | Outcome]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The reasons that go with each outcome that can be said."""
    return [
        (
            word.label.partition(":")[0],
            [(one.value, one.label) for one in FoundBecause if one in MAY_BE_BECAUSE[word]],
        )
        for word in words
        if isinstance(word, Outcome)
    ]


def read_said(
    form: Submitted, errors: FormErrors, may: Iterable[Step | Outcome]
) -> ReviewerSaid | None:
    """Read the form; otherwise note what is wrong and give None."""
    word = next((one for one in may if one.value == form.text("said")), None)
    if word is None:
        errors.add("said", "Select what you say")
        return None
    because = next((one for one in FoundBecause if one.value == form.text("because")), None)
    if isinstance(word, Outcome) and because not in MAY_BE_BECAUSE[word]:
        errors.add("because", f"Select a reason that goes with “{word.label}”")
        return None
    state = form.text("state")
    number = int(state) if state.isdecimal() and state.isascii() else 0
    return ReviewerSaid(word, because, number, form.text("both") == "yes")


def require_fresh(visit: Visit, said: ReviewerSaid, form: Submitted) -> None:
    """A breach is said by somebody who is there now. Raises SignInNotFreshError."""
    if said.word is Outcome.BREACH and not visit.is_fresh:
        raise SignInNotFreshError(form)
