"""Who is working with the family, and how to ring them."""

from dataclasses import dataclass

from schemas.records.payloads import Period
from services.aggregation.profile import PractitionerView, Profile
from services.portal.presenters.cards import said_by
from services.portal.presenters.dates import period_in_words
from services.portal.presenters.names import names_in
from services.portal.presenters.telephones import NO_TELEPHONE, telephone_link


@dataclass(frozen=True, slots=True, repr=False)
class PractitionerLine:
    """One service that works or worked with somebody of the family."""

    service: str
    who: str
    agency: str
    telephone: str
    telephone_href: str | None
    has_telephone: bool
    works_with: str
    when: str
    note: str


def practitioner_lines(profile: Profile, *, current: bool) -> tuple[PractitionerLine, ...]:
    """Write those who are involved now, or those who were."""
    names = names_in(profile)
    return tuple(
        _line(view, names.of(view.person))
        for view in profile.practitioners
        if view.is_current is current
    )


def _line(view: PractitionerView, works_with: str) -> PractitionerLine:
    return PractitionerLine(
        service=view.service,
        who=_who(view),
        agency=", ".join(part for part in (view.agency_name, view.team) if part)
        or "Organisation not given",
        telephone=view.telephone or NO_TELEPHONE,
        telephone_href=telephone_link(view.telephone) if view.telephone else None,
        has_telephone=bool(view.telephone),
        works_with=works_with,
        when=period_in_words(Period(view.since, view.until)) or "start date not given",
        note=said_by(view.provenance),
    )


def _who(view: PractitionerView) -> str:
    name = view.practitioner_name or "Practitioner not named by the source"
    return f"{name}, {view.role}" if view.role else name
