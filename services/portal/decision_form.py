"""Reading of a sharing decision from its form."""

from dataclasses import dataclass
from datetime import date
from typing import assert_never

from consent.lawfulness import Basis
from consent.model import DeciderKind, Response
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Category, LabelledCode, Purpose, Source
from services.portal.errors import InvalidDecisionError
from services.portal.forms import (
    FormErrors,
    Submitted,
    has_date,
    read_choice,
    read_choices,
    read_date,
)
from services.portal.ports import DecisionForm, SubjectEntry

EVERYONE = "everyone"
EVERY_SOURCE = "every-source"


class DecidedBy(LabelledCode):
    """Who decided, in words that tell deciders about one child apart and name nobody."""

    MOTHER = "mother", "Mother, who has parental responsibility"
    FATHER = "father", "Father, who has parental responsibility"
    OTHER_PARENT = "other-parent", "Somebody else who has parental responsibility"
    YOUNG_PERSON = "young-person", "The young person, judged competent to decide this"
    ADULT_SELF = "adult-self", "An adult, for themselves"
    PRACTITIONER = "practitioner", "I decided this as a practitioner, on a statutory basis"

    @property
    def kind(self) -> DeciderKind:
        """In what capacity they decided."""
        match self:
            case DecidedBy.MOTHER | DecidedBy.FATHER | DecidedBy.OTHER_PARENT:
                return DeciderKind.PARENT
            case DecidedBy.YOUNG_PERSON:
                return DeciderKind.YOUNG_PERSON
            case DecidedBy.ADULT_SELF:
                return DeciderKind.ADULT_SELF
            case DecidedBy.PRACTITIONER:
                return DeciderKind.PRACTITIONER
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True, repr=False)
class DecisionContext:
    """What the form does not say itself: about whom it is, who fills it in, and today's date."""

    subjects: tuple[PersonId | SubjectEntry, ...]
    recorded_by: PractitionerId
    today: date


# The field of the page that shows what is wrong with a field of DecisionForm.
_FIELD_ON_PAGE = {
    "subjects": "identifier",
    "until": "until-day",
    "decider_kind": "decided-by",
    "decider_reference": "decided-by",
    "existence_may_be_shown": "existence",
}


def read_decision(
    submitted: Submitted, errors: FormErrors, context: DecisionContext
) -> DecisionForm | None:
    """Read a decision; otherwise note everything that is wrong and give None."""
    decided_by = read_choice(submitted, errors, "decided-by", DecidedBy, "Select who decided")
    response = read_choice(submitted, errors, "response", Response, "Select what was decided")
    basis = read_choice(submitted, errors, "basis", Basis, "Select the legal basis")
    categories = read_choices(
        submitted, errors, "categories", Category, "Select the information it is about"
    )
    purposes = read_choices(
        submitted, errors, "purposes", Purpose, "Select what the information may be used for"
    )
    recipients = _read_scope(
        submitted, errors, "recipients", EVERYONE, "Select which services it is for"
    )
    sources = _read_scope(
        submitted, errors, "sources", EVERY_SOURCE, "Select whose records it is about"
    )
    until = _read_until(submitted, errors, context.today)
    if errors or response is None or decided_by is None or basis is None:
        return None
    return DecisionForm(
        subjects=context.subjects,
        response=response,
        categories=categories,
        purposes=purposes,
        recipients=frozenset(f"agency:{source.value}" for source in recipients),
        sources=sources,
        basis=basis,
        decider_kind=decided_by.kind,
        decider_reference=_reference(decided_by, context.recorded_by),
        until=until,
        existence_may_be_shown=submitted.text("existence") == "yes",
    )


def note_invalid(errors: FormErrors, error: InvalidDecisionError) -> None:
    """Show beside its field what the consent service did not accept."""
    errors.add(_FIELD_ON_PAGE.get(error.field, error.field), error.reason)


def _read_scope(
    submitted: Submitted, errors: FormErrors, name: str, all_of_them: str, message: str
) -> frozenset[Source]:
    """Read a set of services where all of them is a choice of its own, never a blank."""
    chosen = submitted.chosen(name)
    if chosen == (all_of_them,):
        return frozenset()
    if all_of_them in chosen:
        errors.add(name, f"{message}: either all, or some by name")
        return frozenset()
    return read_choices(submitted, errors, name, Source, message)


def _read_until(submitted: Submitted, errors: FormErrors, today: date) -> date | None:
    if not has_date(submitted, "until"):
        return None
    until = read_date(
        submitted,
        errors,
        "until",
        "Enter the last day with a day, month and year, or leave it empty",
    )
    if until is not None and until <= today:
        errors.add("until-day", "The last day must be in the future")
    return until


def _reference(decided_by: DecidedBy, recorded_by: PractitionerId) -> str:
    return recorded_by if decided_by is DecidedBy.PRACTITIONER else decided_by.value
