"""Which looks at a family a practitioner is told of, in PostgreSQL."""

from collections.abc import Sequence

from schemas.identifiers import PersonId
from services.people.practitioners.people import SignedInPractitioner
from services.portal.desk.work import reading_order
from services.portal.ports import Look
from services.profile.model import ProfileRefused
from services.profile.viewing import view_family
from services.work import UnitOfWork


def looks_told(
    who: SignedInPractitioner, person: PersonId, work: UnitOfWork, *, most: int
) -> Sequence[Look] | ProfileRefused:
    """Every look at this family, newest first, or why none is told.

    The service of a town that looks tells in which town they live. So to whoever may not know
    where one of them is, only the looks of their own agency are told, and not that there are more.
    """
    viewing, _ = view_family(
        reading_order(who, person, who.purpose),
        at=work.now,
        records=work.records,
        decisions=work.decisions,
        case_loads=work.case_loads,
    )
    reasons = viewing.refusal()
    if reasons is not None:
        return ProfileRefused(reasons, viewing.policy_version)
    looks = work.looks.of(person, most=most)
    if not viewing.hidden_whereabouts():
        return looks
    return [look for look in looks if look.agency_name == who.agency_name]
