"""Recording what a family answered: all of it in one transaction, and each answer once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from consent.decisions.keeping import Taken
from consent.errors import DecisionInvalidError
from consent.model import Response
from schemas.identifiers import PersonId
from services.decisions import at_the_desk
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_drafts import Draft, Typed
from services.portal.decisions.orders import DecisionForm, recording_order
from services.portal.decisions.summaries import RecordedDecision, confirmed
from services.portal.front.sign_in.services_sessions import drafts_in
from services.profile.model import ProfileRefused
from services.work import Outside, UnitOfWork, unit_of_work

ON_RECORD = "on-record"
"""Among the answers: which of the decisions that they come to are recorded already, by key."""


@dataclass(frozen=True, slots=True, repr=False)
class FamilyAnswers:
    """What a family answered, as it was read from where it lies, and the decisions it comes to.

    `forms` are those that are not on record yet, each by its key; every no comes before the yes.
    Where they are not `is_whole`, something else that was answered cannot be recorded as it is.
    """

    person: PersonId
    place: str
    secret: str
    answers: Typed
    forms: Mapping[str, DecisionForm]
    is_whole: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class RecordedTogether:
    """Answer: what was recorded, by key; and why the first that was not, if any was not."""

    recorded: Mapping[str, RecordedDecision | Taken]
    refused: DecisionInvalidError | ProfileRefused | None = None


class AskingServices(Protocol):
    """Recording the answers of a family; a part of services.portal.ports.PortalServices."""

    def record(self, who: SignedInPractitioner, answered: FamilyAnswers) -> RecordedTogether | None:
        """Record all of it and take the answers away, in one transaction, as `record_each` says.

        None where the answers are not there as they were read: they were recorded, or changed.
        Where not all of it is recorded, they stay and tell what of them is: sent again, the rest
        alone is recorded. Where anything fails, nothing is recorded and they stay as they are.
        """


def record_each(
    forms: Mapping[str, DecisionForm],
    record: Callable[[DecisionForm], RecordedDecision | Taken | ProfileRefused],
) -> RecordedTogether:
    """Record one after the other: a no whatever else is refused, a yes only with every no.

    A yes without the no that was said in the same breath would be more than the family said; a no
    without its yes is less, and holds.
    """
    recorded: dict[str, RecordedDecision | Taken] = {}
    refused: DecisionInvalidError | ProfileRefused | None = None
    for key, form in forms.items():
        if refused is not None and form.response is Response.GIVEN:
            break
        answer = _tried(form, record)
        if not isinstance(answer, DecisionInvalidError | ProfileRefused):
            recorded[key] = answer
        elif refused is None:
            refused = answer
    return RecordedTogether(recorded, refused)


def _tried(
    form: DecisionForm,
    record: Callable[[DecisionForm], RecordedDecision | Taken | ProfileRefused],
) -> RecordedDecision | Taken | ProfileRefused | DecisionInvalidError:
    """What became of it; the rules refuse before anything of it is kept."""
    try:
        return record(form)
    except DecisionInvalidError as error:
        return error


def left_to_record(answered: FamilyAnswers, together: RecordedTogether) -> Typed | None:
    """The answers with what of them is on record; None where all of it is."""
    if answered.is_whole and together.refused is None:
        return None
    before = answered.answers.get(ON_RECORD, [])
    return {**answered.answers, ON_RECORD: [*before, *together.recorded]}


class AskingOnDatabase:
    """AskingServices on PostgreSQL: who sends the same a second time waits for the first."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def record(self, who: SignedInPractitioner, answered: FamilyAnswers) -> RecordedTogether | None:
        """Take them, which locks them, and record."""
        with unit_of_work(self._outside) as work:
            drafts = drafts_in(work)
            found = drafts.take(answered.secret, who.id, answered.place)
            if found is None:
                return None
            if found != answered.answers:
                drafts.keep(Draft(who.id, answered.place, answered.person, found), answered.secret)
                return None
            together = record_each(answered.forms, lambda form: _record(form, who, work))
            left = left_to_record(answered, together)
            if left is not None:
                drafts.keep(Draft(who.id, answered.place, answered.person, left), answered.secret)
            return together


def _record(
    form: DecisionForm, who: SignedInPractitioner, work: UnitOfWork
) -> RecordedDecision | Taken | ProfileRefused:
    order = recording_order(form, who, at=work.now)
    answer = at_the_desk.record(order, who, desk=work.desk(), is_chosen=form.is_chosen)
    return answer if isinstance(answer, Taken | ProfileRefused) else confirmed(answer)
