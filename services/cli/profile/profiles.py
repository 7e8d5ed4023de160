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
from services.cli.profile.in_lines import text_of
from services.people.persons.subjects import schemes_in_words, subject_from_text
from services.people.practitioners.people import SignedInPractitioner
from services.profile import families
from services.profile.model import (
    Profile,
    ProfileRefused,
)
from services.profile.viewing import NOBODY
from services.work import UnitOfWork, unit_of_work
from services.workers.draining import working

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
            purpose, own = Purpose(args.purpose), work.own_opening()
            answer = families.read_family(who, person, purpose, reading=work.reading(), own=own)
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
