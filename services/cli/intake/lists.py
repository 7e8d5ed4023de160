"""`tell-once list waiting|agree|decline`: whether so many are to leave a school's list."""

import argparse
from typing import Any

from services.bootstrap import DatabaseRole, opened
from services.cli.officers import officer_of
from services.cli.operator import officers_verb, tell_refused
from services.cli.output import print_document, settings_from
from services.intake.lists.asking import answer_question, questions_for
from services.intake.lists.closing import ListClosed
from services.people.governance.orders import NotTheirs, Order
from services.work import unit_of_work
from services.workers.draining import working
from services.workers.files.reading import carry_out_lists

_ABOUT = """
A list that is declared whole takes off whoever is not on it: their school becomes a former one.
Where that would be more than a fifth of those whom it is about, nobody goes until a data steward
agrees. A newer list of the same school answers an older question.

  tell-once list waiting
  tell-once list agree ORDER
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `list`."""
    lists = commands.add_parser(
        "list",
        help="who is to leave the lists of schools",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = lists.add_subparsers(dest="verb", required=True, metavar="VERB")
    told = ("lists of which more than a fifth would go", _ABOUT)
    officers_verb(verbs, common, "waiting", _waiting, told=told)
    for name, agrees in (("agree", True), ("decline", False)):
        told = (f"{name} that they go", _ABOUT)
        verb = officers_verb(verbs, common, name, _answer, told=told)
        verb.add_argument("order", metavar="ORDER")
        verb.set_defaults(agrees=agrees)


def _waiting(args: argparse.Namespace) -> int:
    with (
        opened(settings_from(args)) as application,
        officer_of(args, application) as who,
        unit_of_work(application.outside(DatabaseRole.OWNER)) as work,
    ):
        orders = questions_for(who.role, by=who.actor, questions=work.questions_of_lists())
    if orders is None:
        return tell_refused(NotTheirs.NOT_THERE)
    plain = "\n".join(map(_line, orders)) or "Nothing waits."
    print_document(args, {"lists": [_document(order) for order in orders]}, plain=plain)
    return 0


def _answer(args: argparse.Namespace) -> int:
    with (
        opened(settings_from(args)) as application,
        working(application),
        officer_of(args, application) as who,
    ):
        with unit_of_work(application.outside(DatabaseRole.OWNER)) as work:
            found = answer_question(
                args.order,
                role=who.role,
                by=who.actor,
                agrees=args.agrees,
                questions=work.questions_of_lists(),
            )
        if not isinstance(found, Order):
            return tell_refused(found)
        done = carry_out_lists(application.outside(DatabaseRole.CONNECTORS))
    closed = next((one for one in done if one.order == found.id), None)
    told = {"order": found.id, "status": found.status.value, "gone": closed.gone if closed else 0}
    plain = _told(closed) if closed else f"It is {found.status.value}: nobody is taken off."
    print_document(args, told, plain=plain)
    return 0


def _told(closed: ListClosed) -> str:
    return f"{closed.gone} of {closed.of} are shown as having left {closed.sender}."


def _document(order: Order) -> dict[str, object]:
    told = {name: order.document[name] for name in ("sender", "part", "gone", "of")}
    list_of = str(order.document["version"]).partition("T")[0]
    return {"order": order.id, **told, "list_of": list_of, "until": order.lapses_at.isoformat()}


def _line(order: Order) -> str:
    told = _document(order)
    who = f"{told['gone']} of {told['of']} of {told['sender']} ({told['part']})"
    return f"{order.id}: {who} are not on the list of {told['list_of']}"
