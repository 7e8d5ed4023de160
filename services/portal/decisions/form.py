"""Reading of a sharing decision, and of an objection, from their forms.

What it is about, who decided, on what ground, how it came about; what is wrong is noted beside its
field, and no message repeats what was typed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from consent.circumstances import (
    Channel,
    CompetenceQuestion,
    NotAskedReason,
    Present,
    RefusalReason,
)
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import Decider, DeciderKind, Mode, Response, SharingDecision, TakenBack
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, LabelledCode, Purpose, Source
from services.people.practitioners.people import SubjectEntry
from services.portal.decisions.orders import (
    DecisionForm,
    HowDecided,
    ObjectionForm,
    WithdrawalForm,
)
from services.portal.decisions.refused import DECIDED_IN_FUTURE
from services.portal.decisions.who import (
    OF_THE_FAMILY,
    TAKES_BACK,
    WHO_DECIDED,
    WHO_OBJECTS,
    WHO_TAKES_BACK,
    DecidedBy,
    WhoDecided,
    read_who,
)
from services.portal.frame.forms import (
    FormErrors,
    Submitted,
    has_date,
    read_choice,
    read_choices,
    read_date,
)

# Reading of how a decision came about: what nobody has to answer, and what only some have to.

Code = TypeVar("Code", bound=LabelledCode)

YES = "yes"


def read_how(submitted: Submitted, errors: FormErrors) -> HowDecided:
    """Read how it was decided; what was left empty was not told, other errors are noted.

    Whether the answers fit who decided is for consent.decisions.recording to say.
    """
    return HowDecided(
        channel=read_optional(submitted, errors, "channel", Channel, "Select how it was decided"),
        interpreted_into=submitted.text("interpreter") or None,
        notice_version=submitted.text("notice-version").lower() or None,
        competence=_read_competence(submitted, errors),
        presumed_competent=submitted.text("presumed-competent") == YES,
        parents_are_not_told=submitted.text("parents-not-told") == YES,
        present=_read_present(submitted, errors),
    )


def _read_present(submitted: Submitted, errors: FormErrors) -> frozenset[Present]:
    if not submitted.chosen("present"):
        return frozenset()
    return read_choices(submitted, errors, "present", Present, "Tick who was in the room")


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


def read_second_judgement(
    submitted: Submitted, errors: FormErrors
) -> frozenset[CompetenceQuestion]:
    """Read what a second professional says of a child: all five, or it is noted as wrong."""
    yes = _read_competence(submitted, errors) or frozenset()
    if yes != frozenset(CompetenceQuestion):
        errors.add("competence", "Tick all five, or do not confirm it")
    return yes


# Reading of what a decision is about and on what ground it was made.

EVERYONE = "everyone"
EVERY_SOURCE = "every-source"


@dataclass(frozen=True, slots=True)
class DecisionScope:
    """About what, to what end, for whom, whose records; empty where the question was not read."""

    categories: frozenset[Category]
    purposes: frozenset[Purpose]
    recipients: frozenset[str]
    sources: frozenset[Source]


@dataclass(frozen=True, slots=True)
class Ground:
    """The legal basis, None where it was not read, and what goes with it."""

    basis: Basis | None
    article_9: Article9 | None
    gateways: frozenset[Gateway]


def read_ground(submitted: Submitted, errors: FormErrors) -> Ground:
    """Read the legal basis, and the condition and the laws where any are stated."""
    basis = read_choice(submitted, errors, "basis", Basis, "Select the legal basis")
    condition = read_optional(
        submitted, errors, "article-9", Article9, "Select the condition, or none"
    )
    return Ground(basis, condition, _read_gateways(submitted, errors))


def read_scope(submitted: Submitted, errors: FormErrors) -> DecisionScope:
    """Read what it is about; all services and all sources are choices of their own."""
    categories = read_choices(
        submitted, errors, "categories", Category, "Select the information it is about"
    )
    purposes = read_choices(
        submitted, errors, "purposes", Purpose, "Select what the information may be used for"
    )
    recipients = _read_services(
        submitted, errors, "recipients", EVERYONE, "Select which services it is for"
    )
    sources = _read_services(
        submitted, errors, "sources", EVERY_SOURCE, "Select whose records it is about"
    )
    names = frozenset(f"agency:{source.value}" for source in recipients)
    return DecisionScope(categories, purposes, names, sources)


def _read_gateways(submitted: Submitted, errors: FormErrors) -> frozenset[Gateway]:
    if not submitted.chosen("gateways"):
        return frozenset()
    return read_choices(submitted, errors, "gateways", Gateway, "Select the law, or none")


def _read_services(
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


# The form of a decision, filled in as it was for the one that is to be replaced.

_AGENCY = "agency:"


def filled_in_from(said: SharingDecision) -> Submitted:
    """Fill in what was decided; how it was decided is new, and so is what cannot be ticked.

    Whom the form cannot name, such as one practitioner, is left open: nobody guesses who is meant.
    """
    fields: dict[str, Sequence[str]] = {
        "response": [said.response.value],
        "basis": [said.basis.value],
        "article-9": [said.article_9.value] if said.article_9 else [],
        "gateways": [gateway.value for gateway in sorted(said.gateways)],
        "categories": [category.value for category in sorted(said.categories)],
        "purposes": [purpose.value for purpose in sorted(said.purposes)],
        "recipients": _services(sorted(said.recipients)),
        "sources": [source.value for source in sorted(said.sources)] or [EVERY_SOURCE],
        **_why(said),
        **(_day("until", uk_day(said.until)) if said.until else {}),
    }
    if said.response is not Response.GIVEN and said.mode is Mode.CONTENT:
        fields["existence"] = [YES]
    if said.circumstances.parents_are_not_told:
        fields["parents-not-told"] = [YES]
    return Submitted(fields)


def _services(recipients: Sequence[str]) -> Sequence[str]:
    if not recipients:
        return [EVERYONE]
    return list(_agencies(recipients)) if all(r.startswith(_AGENCY) for r in recipients) else []


def _agencies(recipients: Iterable[str]) -> Iterable[str]:
    return (recipient.removeprefix(_AGENCY) for recipient in recipients)


def _why(said: SharingDecision) -> Mapping[str, Sequence[str]]:
    match said.because:
        case RefusalReason():
            return {"why-refused": [said.because.value]}
        case NotAskedReason():
            return {"why-not-asked": [said.because.value]}
        case None:
            return {}


def _day(name: str, day: date) -> Mapping[str, Sequence[str]]:
    return {
        f"{name}-day": [str(day.day)],
        f"{name}-month": [str(day.month)],
        f"{name}-year": [str(day.year)],
    }


# Reading of a decision from its form.


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What the form does not say itself: about whom it is, who fills it in, and today's date.

    `replaced` is the decision in whose place this one stands: about the same persons, and decided
    by who decided that.
    """

    subjects: tuple[PersonId | SubjectEntry, ...]
    recorded_by: PractitionerId
    today: date
    replaced: SharingDecision | None = None


def read_decision(
    submitted: Submitted, errors: FormErrors, context: DecisionContext
) -> DecisionForm | None:
    """Read a decision; otherwise note everything that is wrong and give None."""
    who = _read_decider(submitted, errors, context)
    response = read_choice(submitted, errors, "response", Response, "Select what was decided")
    because = _read_why(submitted, errors, response)
    ground = read_ground(submitted, errors)
    scope = read_scope(submitted, errors)
    decided_on = _read_decided_on(submitted, errors, context.today)
    until = _read_day(submitted, errors, "until", "The last day", context.today)
    review = _read_day(submitted, errors, "review", "The day to ask again", context.today)
    how = read_how(submitted, errors)
    if errors or response is None or who is None or ground.basis is None:
        return None
    return DecisionForm(
        subjects=context.subjects,
        response=response,
        categories=scope.categories,
        purposes=scope.purposes,
        recipients=scope.recipients,
        sources=scope.sources,
        basis=ground.basis,
        decider_kind=who.kind,
        decider_reference=who.reference,
        until=until,
        decided_on=decided_on,
        existence_may_be_shown=submitted.text("existence") == YES,
        because=because,
        article_9=ground.article_9,
        gateways=ground.gateways,
        review=review,
        how=how,
        supersedes=context.replaced.id if context.replaced else None,
        decider_name=who.name,
        is_chosen=who.is_chosen,
    )


def _read_decider(
    submitted: Submitted, errors: FormErrors, context: DecisionContext
) -> WhoDecided | None:
    if context.replaced is not None:
        return WhoDecided(context.replaced.decided_by.kind, context.replaced.decided_by.reference)
    who = read_who(submitted, errors, WHO_DECIDED)
    if who is None or who.kind is not DeciderKind.PRACTITIONER:
        return who
    return replace(who, reference=context.recorded_by)


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


def _read_decided_on(submitted: Submitted, errors: FormErrors, today: date) -> date | None:
    """Read when it was decided, or nothing where that was left empty: then it is now."""
    if not has_date(submitted, "decided-on"):
        return None
    message = "Enter when it was decided with a day, month and year, or leave it empty"
    day = read_date(submitted, errors, "decided-on", message)
    if day is not None and day > today:
        errors.add("decided-on-day", DECIDED_IN_FUTURE)
    return day


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


# Reading of who takes a decision back: what cannot be read was not said, and holds nothing up.


def read_withdrawal(submitted: Submitted) -> WithdrawalForm:
    """Read who takes it back, how they said so, and why; nobody has to answer any of it."""
    unread = FormErrors()
    who = read_who(submitted, unread, WHO_TAKES_BACK, TAKES_BACK)
    channel = read_optional(submitted, unread, "channel", Channel, "")
    because = read_optional(submitted, unread, "why-refused", RefusalReason, "")
    if who is None:
        nobody = Decider(DeciderKind.NOT_SAID, DecidedBy.NOT_SAID.value)
        return WithdrawalForm(TakenBack(nobody, channel, because))
    by = Decider(who.kind, who.reference)
    return WithdrawalForm(TakenBack(by, channel, because), who.name, who.is_chosen)


# Reading of an objection from its form.


def read_objection(
    submitted: Submitted, errors: FormErrors, decision: DecisionId, person: PersonId
) -> ObjectionForm | None:
    """Read who objects and how; otherwise note everything that is wrong and give None."""
    who = read_who(submitted, errors, WHO_OBJECTS, OF_THE_FAMILY)
    how = read_how(submitted, errors)
    if errors or who is None:
        return None
    return ObjectionForm(decision, person, who.kind, who.reference, how, who.name, who.is_chosen)
