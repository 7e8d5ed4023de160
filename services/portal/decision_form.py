"""Reading of a sharing decision from its form."""

from dataclasses import dataclass
from datetime import date

from consent.circumstances import NotAskedReason, RefusalReason
from consent.model import DeciderKind, Response
from schemas.identifiers import PersonId, PractitionerId
from services.portal.deciders import DecidedBy
from services.portal.decision_ports import DecisionForm, DecisionSummary
from services.portal.errors import InvalidDecisionError
from services.portal.forms import (
    FormErrors,
    Submitted,
    has_date,
    read_choice,
    read_date,
)
from services.portal.how_form import YES, read_how, read_optional
from services.portal.people import SubjectEntry
from services.portal.scope_form import read_ground, read_scope


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What the form does not say itself: about whom it is, who fills it in, and today's date.

    `replaced` is the decision in whose place this one stands: about the same persons, and decided
    by who decided that.
    """

    subjects: tuple[PersonId | SubjectEntry, ...]
    recorded_by: PractitionerId
    today: date
    replaced: DecisionSummary | None = None


# The field of the page that shows what is wrong with a field of DecisionForm.
_FIELD_ON_PAGE = {
    "subjects": "identifier",
    "until": "until-day",
    "review": "review-day",
    "decider_kind": "decided-by",
    "decider_reference": "decided-by",
    "supersedes": "decided-by",
    "existence_may_be_shown": "existence",
    "article_9": "article-9",
    "because": "why-not-asked",
}


def read_decision(
    submitted: Submitted, errors: FormErrors, context: DecisionContext
) -> DecisionForm | None:
    """Read a decision; otherwise note everything that is wrong and give None."""
    decided_by = _read_decider(submitted, errors, context)
    response = read_choice(submitted, errors, "response", Response, "Select what was decided")
    because = _read_why(submitted, errors, response)
    ground = read_ground(submitted, errors)
    scope = read_scope(submitted, errors)
    until = _read_day(submitted, errors, "until", "The last day", context.today)
    review = _read_day(submitted, errors, "review", "The day to ask again", context.today)
    how = read_how(submitted, errors)
    if errors or response is None or decided_by is None or ground.basis is None:
        return None
    kind, reference = decided_by
    return DecisionForm(
        subjects=context.subjects,
        response=response,
        categories=scope.categories,
        purposes=scope.purposes,
        recipients=scope.recipients,
        sources=scope.sources,
        basis=ground.basis,
        decider_kind=kind,
        decider_reference=reference,
        until=until,
        existence_may_be_shown=submitted.text("existence") == YES,
        because=because,
        article_9=ground.article_9,
        gateways=ground.gateways,
        review=review,
        how=how,
        supersedes=context.replaced.decision_id if context.replaced else None,
    )


def note_invalid(errors: FormErrors, error: InvalidDecisionError) -> None:
    """Show beside its field what the consent service did not accept."""
    errors.add(_FIELD_ON_PAGE.get(error.field, error.field), error.reason)


def _read_decider(
    submitted: Submitted, errors: FormErrors, context: DecisionContext
) -> tuple[DeciderKind, str] | None:
    if context.replaced is not None:
        return context.replaced.decider_kind, context.replaced.decider_reference
    decided_by = read_choice(submitted, errors, "decided-by", DecidedBy, "Select who decided")
    if decided_by is None:
        return None
    is_own = decided_by is DecidedBy.PRACTITIONER
    return decided_by.kind, context.recorded_by if is_own else decided_by.value


def _read_why(
    submitted: Submitted, errors: FormErrors, response: Response | None
) -> RefusalReason | NotAskedReason | None:
    """Read the reason of what was decided; the other question may have been left as it was."""
    if response is Response.REFUSED:
        return read_optional(submitted, errors, "why-refused", RefusalReason, "Select a reason")
    if response is Response.NOT_ASKED:
        message = "Select why they were not asked"
        return read_choice(submitted, errors, "why-not-asked", NotAskedReason, message)
    return None


def _read_day(
    submitted: Submitted, errors: FormErrors, name: str, words: str, today: date
) -> date | None:
    """Read a day to come, or nothing where it was left empty."""
    if not has_date(submitted, name):
        return None
    day = read_date(
        submitted,
        errors,
        name,
        f"Enter {words.lower()} with a day, month and year, or leave it empty",
    )
    if day is not None and day <= today:
        errors.add(f"{name}-day", f"{words} must be in the future")
    return day
