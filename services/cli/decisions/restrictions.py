"""`tell-once restriction place|list|lift`: protecting a person or where they are."""

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from consent.decisions.restrictions import place_restriction
from consent.errors import DecisionInvalidError
from consent.ledger.fields import OPAQUE_ID
from consent.model import Restriction, RestrictionScope
from schemas.identifiers import PersonId
from schemas.records.message import Subject
from services.bootstrap import DatabaseRole, opened
from services.cli.output import print_document, settings_from
from services.cli.profile.profiles import practitioner_from_text
from services.decisions.restrictions import lift_as, restrictions_told
from services.people.persons.subjects import subject_from_text
from services.people.practitioners.people import SignedInPractitioner
from services.work import UnitOfWork, unit_of_work
from services.workers.draining import working

_PLACE = """
Protects a person (they cannot be found at all) or their whereabouts (addresses, telephone numbers,
schools and whatever else tells where they are). From the next page on only those who are allowed
may know; whoever is not is never told that there is anything. No decision lifts it.

  tell-once restriction place person:ID --scope location --allow PRACTITIONER --as PRACTITIONER
  tell-once restriction place nhs-number:9990000018 --scope person --as PRACTITIONER
"""
_LIST = """
The restrictions of a person that are in force and allow the practitioner who asks; all of them
for information governance.

  tell-once restriction list person:ID --as PRACTITIONER
"""
_LIFT = """
Ends a restriction: from now on what else is on record decides again. Only whoever is on its
allow-list, or information governance.

  tell-once restriction lift RESTRICTION_ID --as PRACTITIONER
"""
_SUBJECT = "person:ID or SCHEME:VALUE"


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `restriction`."""
    restriction = commands.add_parser("restriction", help="protect a person or where they are")
    verbs = restriction.add_subparsers(dest="verb", required=True, metavar="VERB")

    def add(name: str, run: Callable[[argparse.Namespace], int], about: str, what: str) -> Any:
        parser = verbs.add_parser(
            name,
            parents=[common],
            help=about.strip().splitlines()[0],
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("what", metavar=what)
        parser.add_argument("--as", required=True, dest="practitioner", metavar="PRACTITIONER")
        parser.set_defaults(run_command=run)
        return parser

    place = add("place", _place, _PLACE, _SUBJECT)
    place.add_argument("--scope", required=True, choices=[s.value for s in RestrictionScope])
    place.add_argument("--allow", action="append", default=[], metavar="PRACTITIONER")
    add("list", _list, _LIST, _SUBJECT)
    add("lift", _lift, _LIFT, "RESTRICTION_ID")


def _place(args: argparse.Namespace) -> int:
    def place(work: UnitOfWork, who: SignedInPractitioner) -> Restriction:
        return place_restriction(
            _person(args.what, work),
            RestrictionScope(args.scope),
            [practitioner_from_text(named, work, option="allow").id for named in args.allow],
            actor=who.actor,
            deciding=work.deciding(),
        )

    placed: Restriction = _in_one_transaction(args, place)
    print_document(args, _document(placed), plain=_text(placed))
    return 0


def _list(args: argparse.Namespace) -> int:
    def find(work: UnitOfWork, who: SignedInPractitioner) -> Sequence[Restriction]:
        person = _known_person(args.what, work)
        if person is None:
            return []
        deciding = work.deciding()
        return restrictions_told(
            person,
            who,
            decisions=work.decisions,
            ledger=work.ledger,
            clock=deciding.clock,
        )

    found = _in_one_transaction(args, find)
    document = {"restrictions": [_document(r) for r in found]}
    print_document(
        args, document, plain="\n".join(map(_text, found)) or "None that you may know of"
    )
    return 0


def _lift(args: argparse.Namespace) -> int:
    if re.fullmatch(OPAQUE_ID, args.what) is None:
        raise DecisionInvalidError("restriction", "is not an opaque id")

    def lift(work: UnitOfWork, who: SignedInPractitioner) -> Restriction | None:
        return lift_as(args.what, who, deciding=work.deciding())

    lifted: Restriction | None = _in_one_transaction(args, lift)
    if lifted is None:
        # Who may not know of it is told the same as of one that there is not.
        raise DecisionInvalidError("restriction", "is-not-in-force")
    print_document(args, _document(lifted), plain=f"Lifted restriction {lifted.id}")
    return 0


def _in_one_transaction(
    args: argparse.Namespace, run: Callable[[UnitOfWork, SignedInPractitioner], Any]
) -> Any:
    with (
        opened(settings_from(args)) as application,
        working(application),
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        return run(work, practitioner_from_text(args.practitioner, work))


def _person(text: str, work: UnitOfWork) -> PersonId:
    """Whom it is about: protection must not wait until something else is recorded of them."""
    subject = subject_from_text(text)
    if isinstance(subject, Subject):
        return work.persons.resolve_or_create(subject, at=work.now)
    return subject


def _known_person(text: str, work: UnitOfWork) -> PersonId | None:
    subject = subject_from_text(text)
    if isinstance(subject, Subject):
        return work.persons.resolve([subject])[0].person
    return subject


def _document(restriction: Restriction) -> dict[str, Any]:
    return {
        "restriction_id": restriction.id,
        "person": restriction.subject,
        "scope": restriction.scope.value,
        "allowed": sorted(restriction.allowed),
        "placed_at": restriction.placed_at.isoformat(),
        "lifted_at": _time(restriction.lifted_at),
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _text(restriction: Restriction) -> str:
    allowed = ", ".join(sorted(restriction.allowed)) or "nobody"
    return f"Restriction {restriction.id} ({restriction.scope.value}); allowed: {allowed}"
