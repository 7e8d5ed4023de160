"""Reading of how a decision came about: what nobody has to answer, and what only some have to."""

from typing import TypeVar

from consent.circumstances import Channel, CompetenceQuestion
from schemas.vocabulary import LabelledCode
from services.portal.decision_ports import HowDecided
from services.portal.forms import FormErrors, Submitted, read_choice, read_choices

Code = TypeVar("Code", bound=LabelledCode)

YES = "yes"


def read_how(submitted: Submitted, errors: FormErrors) -> HowDecided:
    """Read how it was decided; what was left empty was not told, other errors are noted.

    Whether the answers fit who decided is for consent.competence_rules to say.
    """
    return HowDecided(
        channel=read_optional(submitted, errors, "channel", Channel, "Select how it was decided"),
        interpreted_into=submitted.text("interpreter") or None,
        notice_version=submitted.text("notice-version").lower() or None,
        competence=_read_competence(submitted, errors),
        presumed_competent=submitted.text("presumed-competent") == YES,
        parents_are_not_told=submitted.text("parents-not-told") == YES,
    )


def read_optional(
    submitted: Submitted, errors: FormErrors, name: str, codes: type[Code], message: str
) -> Code | None:
    """Read one of a closed list, or nothing where nothing was chosen."""
    if not submitted.text(name):
        return None
    return read_choice(submitted, errors, name, codes, message)


def _read_competence(
    submitted: Submitted, errors: FormErrors
) -> frozenset[CompetenceQuestion] | None:
    if not submitted.chosen("competence"):
        return None
    return read_choices(
        submitted, errors, "competence", CompetenceQuestion, "Tick what the young person can do"
    )
