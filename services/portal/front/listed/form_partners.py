"""The form of who answers for a partner: read from what was typed, filled in as it stands."""

from collections.abc import Mapping
from typing import Final

from schemas.records.payloads import Telecom
from services.people.community.model import LONGEST_LINE, MOST_PEOPLE, RegistrationFault
from services.people.community.registering import RegisterPartner
from services.people.presence.contacts import Contact, ContactKind, contact_from
from services.portal.frame.forms import FormErrors, Submitted, read_date
from services.portal.front.listed.services_partners import PartnerRegistered

FEWEST_ROWS: Final = 3
FIELD_OF: Final[Mapping[RegistrationFault, str]] = {
    RegistrationFault.FEW: "email-2",
    RegistrationFault.NUMBER: "second-1",
    RegistrationFault.SAME_WAY: "second-2",
    RegistrationFault.LEAD: "lead",
    RegistrationFault.INSURANCE: "insured-until-day",
}
_LONGEST: Final = 254


def rows_of(found: PartnerRegistered) -> range:
    """For how many people there is room: one more than there are."""
    known = 0 if found.standing is None else len(found.standing.registration.people)
    return range(1, min(MOST_PEOPLE, max(FEWEST_ROWS, known + 1)) + 1)


def filled_in(found: PartnerRegistered) -> Submitted:
    """The form as it would be typed for what is registered."""
    if found.standing is None or found.standing.is_ended:
        return Submitted()
    told = found.standing.registration
    fields: dict[str, tuple[str, ...]] = {
        "lead": (told.safeguarding_lead,),
        "commissioned": ("yes",) if told.is_commissioned else (),
        "insured-until-day": (str(told.insured_until.day),),
        "insured-until-month": (str(told.insured_until.month),),
        "insured-until-year": (str(told.insured_until.year),),
    }
    for number, one in enumerate(told.people, start=1):
        fields[f"email-{number}"] = (one.email.value,)
        fields[f"second-{number}"] = (one.second.value,)
    return Submitted(fields)


def read_partner(partner: str, form: Submitted, errors: FormErrors) -> RegisterPartner | None:
    """Read it; what is wrong in itself is noted beside its field."""
    people = [one for number in range(1, MOST_PEOPLE + 1) if (one := _person(form, errors, number))]
    lead = form.text("lead")
    if not lead or len(lead) > LONGEST_LINE:
        errors.add("lead", "Enter who leads on safeguarding, and their number, in one line")
    until = read_date(
        form,
        errors,
        "insured-until",
        "Enter the day, month and year on which the insurance ends",
    )
    if errors or until is None:
        return None
    is_commissioned = "yes" in form.chosen("commissioned")
    return RegisterPartner(partner, people, lead, until, is_commissioned)


def _person(form: Submitted, errors: FormErrors, number: int) -> tuple[Contact, Contact] | None:
    """One of them; None for a row that is empty, or is wrong."""
    mailbox, second = f"email-{number}", f"second-{number}"
    if not form.text(mailbox) and not form.text(second):
        return None
    first, other = _contact(form.text(mailbox)), _contact(form.text(second))
    if first is None or first.kind is not ContactKind.EMAIL:
        errors.add(mailbox, "Enter an email address such as name@example.org")
    if other is None or other.kind.channel is None:
        errors.add(second, "Enter a mobile number, or a second email address of their own")
    return None if first is None or other is None else (first, other)


def _contact(written: str) -> Contact | None:
    if not written or len(written) > _LONGEST:
        return None
    return contact_from(Telecom("email" if "@" in written else "phone", written))
