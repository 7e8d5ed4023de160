"""The form by which an auditor names a family, and a worker, by numbers that are typed.

What is typed is in the form alone: the page that it leads to has the opaque numbers in its address.
"""

from dataclasses import dataclass
from datetime import date

from schemas.vocabulary import IdentifierScheme, LabelledCode
from services.audit.asked import AuditQuestion
from services.audit.postgres_naming import NamedAsked, NamedByNumber
from services.people.persons.subjects import SubjectInvalidError, subject_from_text
from services.portal.audit import addresses
from services.portal.audit.filters import Days, read_day, read_days, read_family, read_worker
from services.portal.audit.filters import worker_in_address as in_address
from services.portal.frame.forms import FormErrors, Submitted

_PERSON = "person"
_LONGEST = 100
USUAL_DAYS = {AuditQuestion.LOOKS: 365, AuditQuestion.ACCESS: 28}


class NumberKind(LabelledCode):
    """What sort of number is typed for a family."""

    NHS_NUMBER = IdentifierScheme.NHS_NUMBER.value, "NHS number"
    UPN = IdentifierScheme.UPN.value, "Unique pupil number"
    RECORD = _PERSON, "The family record’s number"


_HOW_TO_WRITE = {
    NumberKind.NHS_NUMBER: "Enter a real NHS number: 10 digits, such as 999 123 4567",
    NumberKind.UPN: "Enter a real unique pupil number: a letter, then 12 characters",
    NumberKind.RECORD: "Enter the family record’s number as these pages show it",
}


class LeadsTo(LabelledCode):
    """Where the form leads, and what is asked there."""

    LOOKS = "looks", "Who looked at this child between two dates?"
    ACCESS = "access", "What was looked at, tried, searched for or exported?"
    COULD_SEE = "could-see", "What could this worker see of this family that day?"

    @property
    def question(self) -> AuditQuestion:
        """As the ledger has it."""
        return AuditQuestion(self.value)

    @property
    def address(self) -> str:
        """The page."""
        return f"{addresses.AUDIT}/{self.value}"

    @property
    def needs_family(self) -> bool:
        """Whether nothing is shown there without a family."""
        return self is not LeadsTo.ACCESS

    @property
    def takes_worker(self) -> bool:
        """Whether a worker is asked for as well."""
        return self is not LeadsTo.LOOKS


@dataclass(frozen=True, slots=True)
class NamingForm:
    """The form as it was filled in. `family` and `worker` are known already, if they are set."""

    leads_to: LeadsTo
    asked: NamedAsked
    days: Days
    family: str | None
    worker: str | None

    def address(self, named: NamedByNumber) -> str:
        """The page that it leads to, with what was found."""
        worker = named.workers[0] if named.workers else self.worker
        days = self.days.as_filters
        if self.leads_to is LeadsTo.COULD_SEE:
            days = {"day": self.days.first.isoformat()}
        chosen = {
            "family": named.persons[0] if named.persons else self.family,
            "worker": None if worker is None else in_address(worker),
        }
        return addresses.with_query(self.leads_to.address, {**chosen, **days})


def read_leads_to(form: Submitted) -> LeadsTo:
    """Where a form leads; what is no page of these leads to who looked."""
    try:
        return LeadsTo(form.text("page"))
    except ValueError:
        return LeadsTo.LOOKS


def read_naming(form: Submitted, errors: FormErrors, today: date) -> NamingForm:
    """Read the form; what is wrong is noted."""
    leads_to = read_leads_to(form)
    known, worker = read_family(form, errors), read_worker(form, errors)
    family = _read_family(form, errors)
    number = _read_staff_number(form, errors) if leads_to.takes_worker else None
    days = _read_days(form, errors, leads_to, today)
    has_family = bool(known or form.text("number"))
    _require(form, errors, leads_to, has_family=has_family, has_worker=bool(worker))
    agency = form.text("agency") or None
    asked = NamedAsked(leads_to.question, days.since, days.until, family, number, agency)
    return NamingForm(leads_to, asked, days, known, worker)


def _read_days(form: Submitted, errors: FormErrors, leads_to: LeadsTo, today: date) -> Days:
    if leads_to is LeadsTo.COULD_SEE:
        return read_day(form, errors, "day", today)
    return read_days(form, errors, today, days=USUAL_DAYS[leads_to.question])


def _read_family(form: Submitted, errors: FormErrors) -> str | None:
    """`SCHEME:VALUE`; None where nothing is typed, or the number of nobody."""
    typed = form.text("number")
    if not typed:
        return None
    try:
        kind = NumberKind(form.text("scheme"))
    except ValueError:
        errors.add("scheme", "Select which kind of number you have")
        return None
    value = typed.lower().replace("-", "") if kind is NumberKind.RECORD else typed
    named = f"{kind.value}:{value}"
    try:
        subject_from_text(named)
    except SubjectInvalidError:
        errors.add("number", _HOW_TO_WRITE[kind])
        return None
    return named


def _read_staff_number(form: Submitted, errors: FormErrors) -> str | None:
    typed = form.text("staff-number")
    if len(typed) > _LONGEST:
        errors.add("staff-number", "Enter the staff number that the worker’s agency gave them")
        return None
    return typed or None


def _require(
    form: Submitted, errors: FormErrors, leads_to: LeadsTo, *, has_family: bool, has_worker: bool
) -> None:
    has_number = bool(form.text("staff-number"))
    if leads_to.needs_family and not has_family:
        errors.add("number", "Enter the child’s number")
    if leads_to is LeadsTo.COULD_SEE and not (has_number or has_worker):
        errors.add("staff-number", "Enter the worker’s staff number")
    if leads_to is LeadsTo.ACCESS and not (has_family or has_number or has_worker):
        errors.add("number", "Enter a child’s number, or a staff number")


def note_unknown(named: NamedByNumber, errors: FormErrors) -> None:
    """Note what names nobody, or more than one."""
    if named.asked.family is not None and not named.persons:
        errors.add("number", "Nobody is known by that number")
    if named.asked.staff_number is None or len(named.workers) == 1:
        return
    if named.workers:
        errors.add("staff-number", "Several workers have that number. Choose their agency as well")
    else:
        errors.add("staff-number", "No worker is known by that number")
