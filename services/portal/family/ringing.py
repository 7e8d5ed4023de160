"""Whom to ring about a family, in the order in which somebody on a doorstep needs it."""

from dataclasses import dataclass

from services.people.practitioners.people import SignedInPractitioner, is_one_name
from services.portal.words.people import NO_TELEPHONE, leads, names_in, telephone_link
from services.profile.model import PractitionerView, Profile


@dataclass(frozen=True, slots=True, repr=False)
class RingLine:
    """Somebody who works with the family now: who, from where, on which number.

    `href` is None where the number is none that can be touched; `has_telephone` false where
    `telephone` says that nobody gave one. `is_first_hand` where they said so themselves. `hours`
    are their agency's, not told to oneself; `is_lead` is by a source's word, not by their own.
    """

    who: str
    is_you: bool
    from_where: str
    telephone: str
    href: str | None
    has_telephone: bool
    is_first_hand: bool
    hours: str = ""
    is_lead: bool = False


def who_to_ring(profile: Profile, who: SignedInPractitioner) -> tuple[RingLine, ...]:
    """Write who works with the family now: oneself, who leads, who has a number, who said so."""
    names = names_in(profile)
    current = [view for view in profile.practitioners if view.is_current]
    own = [view for view in current if view.is_first_hand]
    told = [view for view in current if not any(_says_as_much(one, view, who) for one in own)]
    lines = [_line(view, profile, names.of(view.person), who) for view in told]
    lines.sort(key=_in_order)
    return tuple(dict.fromkeys(lines))


def _in_order(line: RingLine) -> tuple[bool, ...]:
    return (not line.is_you, not line.is_lead, not line.has_telephone, not line.is_first_hand)


def _says_as_much(own: PractitionerView, view: PractitionerView, who: SignedInPractitioner) -> bool:
    """Whether somebody's own word tells all that a source tells of them.

    Two of one name may be two people: it is the same number, or the same agency that gives none.
    """
    name = view.practitioner_name
    if view.is_first_hand or name is None or not is_one_name(own.practitioner_name or "", name):
        return False
    if _is_you(own, who) and _is_you(view, who):
        return True
    if view.telephone is None:
        return view.agency_name == own.agency_name
    number = telephone_link(view.telephone)
    return number is not None and number == telephone_link(own.telephone or "")


def _is_you(view: PractitionerView, who: SignedInPractitioner) -> bool:
    is_of_source = not view.is_first_hand and view.provenance.source == who.agency_kind
    is_of_own = view.agency_name == who.agency_name or is_of_source
    return view.practitioner_name == who.name and is_of_own


def _line(
    view: PractitionerView, profile: Profile, works_with: str, who: SignedInPractitioner
) -> RingLine:
    is_you = _is_you(view, who)
    named = view.practitioner_name or view.service
    service = view.service if view.practitioner_name else "Practitioner not named by the source"
    own_word = "by your own word" if is_you else "by their own word"
    team = None if view.practitioner_name else view.team  # there may be two of one service
    told = (view.role, service, view.agency_name, team)
    first_hand = own_word if view.is_first_hand else ""
    with_whom = () if view.person == profile.child else (f"with {works_with}",)
    return RingLine(
        who=named,
        is_you=is_you,
        from_where=", ".join(
            dict.fromkeys(part for part in (*told, *with_whom, first_hand) if part)
        ),
        telephone=view.telephone or NO_TELEPHONE,
        href=telephone_link(view.telephone) if view.telephone else None,
        has_telephone=bool(view.telephone),
        is_first_hand=view.is_first_hand,
        hours=view.hours or "" if view.telephone and not is_you else "",
        is_lead=leads(view),
    )
