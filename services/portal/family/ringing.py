"""Whom to ring about a family, in the order in which somebody on a doorstep needs it."""

from dataclasses import dataclass

from services.people.practitioners.people import SignedInPractitioner
from services.portal.words.people import NO_TELEPHONE, names_in, telephone_link
from services.profile.model import PractitionerView, Profile


@dataclass(frozen=True, slots=True, repr=False)
class RingLine:
    """Somebody who works with the family now: who, from where, on which number.

    `href` is None where the number is none that can be touched; `has_telephone` false where
    `telephone` says that nobody gave one.
    """

    who: str
    is_you: bool
    from_where: str
    telephone: str
    href: str | None
    has_telephone: bool


def who_to_ring(profile: Profile, who: SignedInPractitioner) -> tuple[RingLine, ...]:
    """Write who works with the family now: oneself, then who has a number, then the others."""
    names = names_in(profile)
    current = [view for view in profile.practitioners if view.is_current]
    lines = [_line(view, profile, names.of(view.person), who) for view in current]
    lines.sort(key=lambda line: (not line.is_you, not line.has_telephone))
    return tuple(dict.fromkeys(lines))


def _line(
    view: PractitionerView, profile: Profile, works_with: str, who: SignedInPractitioner
) -> RingLine:
    is_of_own = view.agency_name == who.agency_name or view.provenance.source == who.agency_kind
    is_you = view.practitioner_name == who.name and is_of_own
    named = view.practitioner_name or view.service
    service = view.service if view.practitioner_name else "Practitioner not named by the source"
    told = (view.role, service, view.agency_name)
    with_whom = () if view.person == profile.child else (f"with {works_with}",)
    return RingLine(
        who=named,
        is_you=is_you,
        from_where=", ".join(dict.fromkeys(part for part in (*told, *with_whom) if part)),
        telephone=view.telephone or NO_TELEPHONE,
        href=telephone_link(view.telephone) if view.telephone else None,
        has_telephone=bool(view.telephone),
    )
