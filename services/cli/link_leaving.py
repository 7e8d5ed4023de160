"""`tell-once link leave-behind`: an identity that an adoption left behind."""

import argparse
from typing import Any

from consent.errors import DecisionInvalidError
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Role
from services.adapters.linking_work import considering
from services.adapters.unit_of_work import UnitOfWork, unit_of_work
from services.bootstrap import DatabaseRole, opened
from services.cli.failing import REFUSED
from services.cli.options import print_document, settings_from
from services.linking.joining_ports import JoinRefusal
from services.linking.leaving_behind import LeaveBehind, leave_behind
from services.linking.looking import NotShown, Steward, refuse
from services.workers.draining import working

_ABOUT = """
Marks an identity as left behind by an adoption, for a data steward: nobody is ever joined with
it, whatever is alike, so that nothing leads from it to who the child is now. For good.

  tell-once link leave-behind PERSON_ID --as PRACTITIONER
"""


def add_command(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Add `link leave-behind`."""
    parser = verbs.add_parser(
        "leave-behind",
        parents=[common],
        help="an identity that an adoption left behind",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("person", metavar="PERSON_ID")
    parser.add_argument("--as", required=True, dest="practitioner", metavar="PRACTITIONER")
    parser.set_defaults(run_command=_leave_behind)


def _leave_behind(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application, working(application):
        outside = application.outside(DatabaseRole.PORTAL)
        with unit_of_work(outside) as work:
            who = _steward(args, work)
            if who.role is Role.DATA_STEWARD:
                order = LeaveBehind(PersonId(args.person), who.actor)
                done: PersonId | JoinRefusal | NotShown = leave_behind(
                    order, joining=work.joining()
                )
            else:
                done = refuse(NotShown.NOT_A_DATA_STEWARD, who, considering(work, outside))
    if isinstance(done, JoinRefusal | NotShown):
        document = {"refused": True, "reasons": [{"code": done.value, "text": done.label}]}
        print_document(args, document, plain=f"Refused: {done.label}")
        return REFUSED
    print_document(args, {"left_behind": done}, plain=f"Left behind: {done}")
    return 0


def _steward(args: argparse.Namespace, work: UnitOfWork) -> Steward:
    who = work.directory.practitioner(PractitionerId(args.practitioner))
    if who is None:
        raise DecisionInvalidError("as", "no such practitioner")
    return Steward(who.id, who.role)
