"""`tell-once profile show`: the profile as one practitioner may see it."""

import argparse
import re
from typing import Any

import orjson

from consent.errors import DecisionInvalidError
from consent.ledger_fields import OPAQUE_ID
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.subject import Subject
from schemas.vocabulary import Purpose
from services.adapters.portal_orders import reading_order
from services.adapters.subjects import subject_from_text
from services.adapters.unit_of_work import UnitOfWork, unit_of_work
from services.aggregation.profile import Profile, ProfileRefused
from services.aggregation.reading import read_profile
from services.bootstrap import DatabaseRole, opened
from services.cli.failing import REFUSED
from services.cli.options import print_document, settings_from
from services.cli.profile_text import text_of
from services.workers.draining import working

_ABOUT = """
Shows one family as the practitioner may see it; the look is recorded like any other.
A refusal exits 3 and says why.

  tell-once profile show --person ID --as PRACTITIONER --purpose direct-care --json
  tell-once profile show --person nhs-number:9990000018 --as PRACTITIONER --purpose direct-care
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `profile`."""
    profile = commands.add_parser("profile", help="show a family's profile")
    verbs = profile.add_subparsers(dest="verb", required=True, metavar="VERB")
    show = verbs.add_parser(
        "show",
        parents=[common],
        help="as one practitioner may see it",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    show.add_argument("--person", required=True, metavar="ID", help="or SCHEME:VALUE")
    show.add_argument("--as", required=True, dest="practitioner", metavar="PRACTITIONER")
    show.add_argument("--purpose", required=True, choices=[p.value for p in Purpose])
    show.set_defaults(run_command=_show)


def _show(args: argparse.Namespace) -> int:
    with (
        opened(settings_from(args)) as application,
        working(application),
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        who = work.directory.practitioner(PractitionerId(args.practitioner))
        if who is None:
            raise DecisionInvalidError("as", "no such practitioner")
        order = reading_order(who, person_from_text(args.person, work), Purpose(args.purpose))
        answer = read_profile(order, reading=work.reading())
    match answer:
        case ProfileRefused():
            reasons = [{"code": r.value, "text": r.label} for r in answer.reasons]
            refused = {"refused": True, "reasons": reasons, "policy_version": answer.policy_version}
            words = " ".join(reason.label for reason in answer.reasons)
            print_document(args, refused, plain=f"Refused: {words}")
            return REFUSED
        case Profile():
            print_document(args, profile_document(answer), plain=text_of(answer))
            return 0


def profile_document(profile: Profile) -> Any:
    """The profile as a JSON document: field for field, codes as text, times as ISO 8601."""
    return orjson.loads(orjson.dumps(profile, default=sorted))


def person_from_text(text: str, work: UnitOfWork) -> PersonId:
    """An opaque id, or an identifier that is looked up; one that is not known is nobody's."""
    if ":" not in text:
        return _opaque(text)
    subject = subject_from_text(text)
    if not isinstance(subject, Subject):
        return _opaque(subject)
    return work.persons.resolve([subject])[0].person or PersonId("0" * 32)


def _opaque(text: str) -> PersonId:
    if re.fullmatch(OPAQUE_ID, text) is None:
        raise DecisionInvalidError("person", "is not an opaque id")
    return PersonId(text)
