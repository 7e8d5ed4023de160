"""A profile in plain lines, for a terminal: a line a fact, with where each comes from."""

from collections.abc import Iterator

from schemas.identifiers import PersonId
from services.profile.merging.claims import Claim, NameClaim, Provenance
from services.profile.merging.connections import SAID
from services.profile.model import (
    DeathSaid,
    HouseholdView,
    KinView,
    PersonView,
    Profile,
    Responsibility,
)

_NOT_SHARED_HERE = "not recorded in anything that is shared here"


def text_of(profile: Profile) -> str:
    """The profile, a line a fact, with where each comes from."""
    return "\n".join(_lines(profile))


def _lines(profile: Profile) -> Iterator[str]:
    yield f"Person {profile.child} for {profile.purpose.label}"
    for person in profile.people:
        if person.death is not None:
            yield f"  {_name(person)}"
    yield from _family_lines(profile)
    for practitioner in profile.practitioners:
        number = practitioner.telephone or "no telephone number to ring"
        named = practitioner.practitioner_name or "nobody named"
        yield f"  {practitioner.service}{_said_to_be(practitioner.status)}: {named}, {number}"
    for view in profile.story:
        later = ", corrected later" if view.corrections else ""
        yield f"  told by {view.entry.told_by}{later}: {view.entry.text}"
    for entry in profile.timeline:
        happened = entry.occurrence
        status = "not-done" if happened.not_done else happened.status
        yield f"  {entry.date or 'no date'}: {happened.title}{_said_to_be(status)}"
    for plan in profile.plans:
        since = plan.plan.period.start or "not recorded"
        yield f"  plan: {plan.plan.title}{_said_to_be(plan.status)} from {since}"
    yield from _support_lines(profile)
    yield from _connection_lines(profile)
    for source in profile.sources:
        updated = f", last updated {source.last_updated}" if source.last_updated else ""
        yield f"  {source.source.label}: {source.state.label}{updated}"
        if source.unread is not None:
            yield f"    since {source.unread.since.date()} {source.unread.in_words}; ask the source"
        if source.more:
            yield f"    more is at the source: {', '.join(kind.label for kind in source.more)}"


def _support_lines(profile: Profile) -> Iterator[str]:
    for view in profile.help_wanted:
        yield f"  help wanted{_said_to_be(view.wanted.status)}: {view.wanted.text}"
    for found in profile.next_steps:
        step, by = found.step, f" by {found.step.by}" if found.step.by else ""
        yield f"  next step{_said_to_be(step.status)}: {step.text}, {step.who}{by}"


def _connection_lines(profile: Profile) -> Iterator[str]:
    for view in profile.connections:
        told = view.report
        why = f" ({told.reason_code.replace('-', ' ')})" if told.reason_code else ""
        yield f"  {told.service} {SAID[told.status]}{why}, {told.since}"


def _said_to_be(status: str) -> str:
    return "" if status == "holds" else f" ({status.replace('-', ' ')})"


def _family_lines(profile: Profile) -> Iterator[str]:
    for person in profile.people:
        yield from _person_lines(person)
    for relative in profile.kin:
        yield _kin_line(relative)
    for parent in profile.parents_not_named:
        yield f"  {parent}: {_NOT_SHARED_HERE}"
    names = {person.id: _name(person) for person in profile.people}
    for household in profile.households:
        yield _household_line(household, names)


def _person_lines(person: PersonView) -> Iterator[str]:
    born = person.date_of_birth or person.expected_date_of_birth or _NOT_SHARED_HERE
    expected = "expected" if person.expected_date_of_birth and not person.date_of_birth else "born"
    yield f"  {person.relation or 'child'}: {_name(person)}, {expected} {born}"
    for name in person.names:
        yield f"    name: {_in_full(name)} ({_said_by(name.provenance, *name.also)})"
    for born_on in person.dates_of_birth:
        yield f"    born: {born_on.value} ({_claimed_by(born_on)})"
    for death in person.death.said if person.death else ():
        yield f"    death: {_death_said(death.value)} ({_said_by(death.provenance, *death.also)})"
    for address in person.addresses:
        place = ", ".join((*address.address.lines, address.address.postcode or "")).strip(", ")
        when = "address to come" if address.is_to_come else "address before"
        when = "address" if address.is_current else when
        yield f"    {when}: {place} ({_said_by(address.provenance, *address.also)})"


def _kin_line(relative: KinView) -> str:
    name = relative.names[0].value if relative.names else "not named"
    kinds = " or ".join(claim.value for claim in relative.kinds)
    said = [f"{claim.value.label} ({_claimed_by(claim)})" for claim in relative.responsibility]
    return f"  {kinds}: {name}; {'; '.join(said) or Responsibility.NOT_STATED.label}"


def _household_line(household: HouseholdView, names: dict[PersonId, str]) -> str:
    where = household.address
    place = ", ".join((*where.lines, where.postcode or "")).strip(", ") if where else "not stated"
    members = [
        names.get(m.person or PersonId(""), m.name or "not named") for m in household.members
    ]
    return f"  household at {place}: {', '.join(members)}"


def _name(person: PersonView) -> str:
    """The name, with what has to be known before contact."""
    name = _in_full(person.names[0]) if person.names else "no name recorded"
    death = person.death
    if death is None:
        return name
    return f"{name} ({f'died {death.on}' if death.on else death.standing.label})"


def _death_said(said: DeathSaid) -> str:
    if not said.has_died:
        return "has not died"
    contradicted = ", which what was sent contradicts" if said.is_contradicted else ""
    return f"{said.on or 'no date'}{contradicted}"


def _in_full(name: NameClaim) -> str:
    return " ".join((*name.given_names, name.family_name or "")).strip() or name.known_as or ""


def _claimed_by(claim: Claim[str] | Claim[Responsibility]) -> str:
    return _said_by(claim.provenance, *claim.also)


def _said_by(*provenances: Provenance) -> str:
    return "; ".join(
        f"{said.source.label}, {said.as_of}{', in doubt' if said.is_in_doubt else ''}"
        for said in provenances
    )
