"""`tell-once profile show`: the profile as one practitioner may see it."""

import argparse
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from consent import Reason
from consent.errors import DecisionInvalidError
from consent.ledger import FieldValue, LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import OPAQUE_ID
from consent.question import told
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.message import Subject
from schemas.vocabulary import Purpose
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.operator import operator
from services.cli.output import REFUSED, print_document, settings_from
from services.people.persons.subjects import schemes_in_words, subject_from_text
from services.people.practitioners.people import SignedInPractitioner
from services.profile.merging.claims import Claim, NameClaim, Provenance
from services.profile.model import (
    HouseholdView,
    KinView,
    PersonView,
    Profile,
    ProfileRefused,
    Responsibility,
)
from services.profile.reading import read_profile
from services.profile.viewing import NOBODY, reading_order
from services.work import UnitOfWork, unit_of_work
from services.workers.draining import working

# A profile in plain lines, for a terminal.

_NOT_SHARED_HERE = "not recorded in anything that is shared here"


def text_of(profile: Profile) -> str:
    """The profile, a line a fact, with where each comes from."""
    return "\n".join(_lines(profile))


def _lines(profile: Profile) -> Iterator[str]:
    yield f"Person {profile.child} for {profile.purpose.label}"
    yield from _family_lines(profile)
    for practitioner in profile.practitioners:
        yield (
            f"  {practitioner.service}: {practitioner.practitioner_name or 'nobody named'}, "
            f"{practitioner.telephone or 'no telephone number recorded'}"
        )
    for view in profile.story:
        later = ", corrected later" if view.corrections else ""
        yield f"  told by {view.entry.told_by}{later}: {view.entry.text}"
    for entry in profile.timeline:
        yield f"  {entry.date or 'no date'}: {entry.occurrence.title}"
    for plan in profile.plans:
        yield f"  plan: {plan.plan.title} from {plan.plan.period.start or 'not recorded'}"
    for source in profile.sources:
        updated = f", last updated {source.last_updated}" if source.last_updated else ""
        yield f"  {source.source.label}: {source.state.label}{updated}"
        if source.unread is not None:
            yield f"    since {source.unread.since.date()} {source.unread.in_words}; ask the source"
        if source.more:
            yield f"    more is at the source: {', '.join(kind.label for kind in source.more)}"


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
    claims = (("born", person.dates_of_birth), ("died", person.dates_of_death))
    for label, found in claims:
        for claim in found:
            yield f"    {label}: {claim.value} ({_claimed_by(claim)})"
    for address in person.addresses:
        place = ", ".join((*address.address.lines, address.address.postcode or "")).strip(", ")
        when = "address" if address.is_current else "address before"
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
    return _in_full(person.names[0]) if person.names else "no name recorded"


def _in_full(name: NameClaim) -> str:
    return " ".join((*name.given_names, name.family_name or "")).strip() or name.known_as or ""


def _claimed_by(claim: Claim[str] | Claim[Responsibility]) -> str:
    return _said_by(claim.provenance, *claim.also)


def _said_by(*provenances: Provenance) -> str:
    return "; ".join(
        f"{said.source.label}, {said.as_of}{', in doubt' if said.is_in_doubt else ''}"
        for said in provenances
    )


_ABOUT = """
Shows one family as the practitioner may see it; the look is recorded like any other.
It is for a demonstration: where families are real, practitioners sign in and commands open nothing.
A refusal exits 3 and says why, where the practitioner may ask at all; all others are told alike.

  tell-once profile show --person ID --as PRACTITIONER --purpose direct-care --json
  tell-once profile show --person nhs-number:9990000018 --as PRACTITIONER --purpose direct-care
"""


SCHEMES_HELP = f"A person is named by an id, or by one of:\n{schemes_in_words()}"


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `profile`."""
    profile = commands.add_parser("profile", help="show a family's profile")
    verbs = profile.add_subparsers(dest="verb", required=True, metavar="VERB")
    show = verbs.add_parser(
        "show",
        parents=[common],
        help="as one practitioner may see it",
        description=f"{_ABOUT}\n{SCHEMES_HELP}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    show.add_argument("--person", required=True, metavar="ID", help="or SCHEME:VALUE")
    show.add_argument("--as", required=True, dest="practitioner", metavar="PRACTITIONER")
    show.add_argument("--purpose", required=True, choices=[p.value for p in Purpose])
    show.set_defaults(run_command=_show)


def _show(args: argparse.Namespace) -> int:
    with (
        opened(settings_from(args)) as application,
        speaking_for_somebody(application),
        working(application),
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        person = person_from_text(args.person, work)
        who = work.directory.practitioner(PractitionerId(args.practitioner))
        if who is None:
            answer: Profile | ProfileRefused = _refused_to_nobody(work)
        else:
            order = reading_order(who, person, Purpose(args.purpose))
            answer = read_profile(order, reading=work.reading())
    match answer:
        case ProfileRefused():
            reasons = told(answer.reasons)
            document = {
                "refused": True,
                "reasons": [{"code": r.value, "text": r.label} for r in reasons],
                "policy_version": answer.policy_version,
            }
            words = " ".join(reason.label for reason in reasons)
            print_document(args, document, plain=f"Refused: {words}")
            return REFUSED
        case Profile():
            print_document(args, profile_document(answer), plain=text_of(answer))
            return 0


def _refused_to_nobody(work: UnitOfWork) -> ProfileRefused:
    """Whoever is no practitioner of ours is told what a stranger is; the try is entered."""
    work.ledger.append([_unreadable_as(work)])
    return ProfileRefused((Reason.NO_RIGHT,), work.decisions.policy_version(work.now))


def _unreadable_as(work: UnitOfWork, element: str = "as") -> LedgerEntry:
    fields: dict[str, FieldValue] = {"element": element, "reason": Reason.UNREADABLE_REQUEST}
    event = LedgerEvent.ACCESS_EVALUATION_REFUSED
    return ledger_entry(event, fields, at=work.now, actor=operator())


def profile_document(profile: Profile) -> Any:
    """The profile as a JSON document: field for field, codes as text, times as ISO 8601."""
    return orjson.loads(orjson.dumps(profile, default=sorted))


@contextmanager
def speaking_for_somebody(application: Application, *, element: str = "as") -> Iterator[None]:
    """Around whatever is done `--as` somebody: it is for invented families, nowhere else.

    `element` names what else it is that is done there alone.

    Raises DecisionInvalidError where families are real, and the try is entered.
    """
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        is_allowed = work.is_demonstration
        if not is_allowed:
            work.ledger.append([_unreadable_as(work, element)])
    if not is_allowed:
        raise DecisionInvalidError(element, "only-in-a-demonstration")
    yield


def practitioner_from_text(
    text: str, work: UnitOfWork, *, option: str = "as"
) -> SignedInPractitioner:
    """Whoever is named by their id. Raises DecisionInvalidError naming the option."""
    found = work.directory.practitioner(PractitionerId(text))
    if found is None:
        raise DecisionInvalidError(option, "no such practitioner")
    return found


def person_from_text(text: str, work: UnitOfWork) -> PersonId:
    """An opaque id, or an identifier that is looked up; one that is not known is nobody's."""
    if ":" not in text:
        return _opaque(text)
    subject = subject_from_text(text)
    if not isinstance(subject, Subject):
        return _opaque(subject)
    return work.persons.resolve([subject])[0].person or NOBODY


def _opaque(text: str) -> PersonId:
    if re.fullmatch(OPAQUE_ID, text) is None:
        raise DecisionInvalidError("person", "is not an opaque id")
    return PersonId(text)
