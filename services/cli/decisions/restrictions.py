"""`tell-once restriction …`: protecting a person, or where they are, by one hand and then two."""

import argparse
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from consent.decisions.restrictions import Change
from consent.model import Restriction, RestrictionScope
from schemas.identifiers import PersonId
from schemas.records.message import Subject
from schemas.vocabulary import Role
from services.cli.decisions.hand import (
    SUBJECT,
    add_verb,
    in_one_transaction,
    person_known,
    tell_order,
    tell_refused,
)
from services.cli.output import print_document
from services.cli.profile.profiles import practitioner_from_text
from services.decisions.protection.changing import answer_change, ask_change
from services.decisions.protection.hands import Hand
from services.decisions.protection.restricting import (
    RestrictionRefused,
    Why,
    place,
    restrictions_told,
    restrictions_waiting,
)
from services.people.governance.orders import Order
from services.people.persons.subjects import subject_from_text
from services.profile.viewing import NOBODY
from services.work import UnitOfWork

_PLACE = """
Protects a person (they cannot be found at all) or their whereabouts (addresses, telephone numbers,
schools and whatever else tells where they are): at once, from everybody but who works with them
now. Whoever works with them places it, or information governance. It waits for two hands, and
protects until then; with --allow they are asked for that list in the same breath.

  tell-once restriction place person:ID --scope location --as PRACTITIONER
  tell-once restriction place nhs-number:9990000018 --scope person --as PRACTITIONER
"""
_LIST = """
The restrictions of a person that are in force and allow the practitioner who asks; all of them
for information governance. With --provisional those of everybody that wait for two hands, for
information governance alone; those that nobody has answered in 72 hours are raised.

  tell-once restriction list person:ID --as PRACTITIONER
  tell-once restriction list --provisional --as PRACTITIONER
"""
_CHANGE = """
Asks for the restriction to be lasting and for just these: at least three people of two agencies.
Whoever is added has to be asked for by the protected person, safely. Information governance and
somebody of another agency whom it lets in are the two hands.

  tell-once restriction change RESTRICTION_ID --allow PRACTITIONER --allow PRACTITIONER \\
      --allow PRACTITIONER --as PRACTITIONER
"""
_LIFT = """
Asks for the restriction to end: from then on what else is on record decides again. Only once the
protected person has been asked, safely. Two hands, as for `change`.

  tell-once restriction lift RESTRICTION_ID --asked-safely --as PRACTITIONER
"""
_CONFIRM = """
Is the second hand for what was asked for, which is done then.

  tell-once restriction confirm ORDER_ID --as PRACTITIONER
"""
_DECLINE = """
Declines what was asked for, or takes it back; the restriction stays as it is.

  tell-once restriction decline ORDER_ID --as PRACTITIONER
"""
_SAFELY = "the protected person was asked where nobody could listen or press"


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `restriction`."""
    restriction = commands.add_parser("restriction", help="protect a person or where they are")
    verbs = restriction.add_subparsers(dest="verb", required=True, metavar="VERB")
    scopes = [s.value for s in RestrictionScope]
    placing = add_verb(verbs, common, "place", _place, _PLACE, SUBJECT)
    placing.add_argument("--scope", required=True, choices=scopes)
    listing = add_verb(verbs, common, "list", _list, _LIST, None)
    listing.add_argument("what", metavar=SUBJECT, nargs="?")
    listing.add_argument("--provisional", action="store_true", help="what waits, of everybody")
    changing = add_verb(verbs, common, "change", _change, _CHANGE, "RESTRICTION_ID")
    changing.add_argument("--scope", choices=scopes, help="as it is, where nothing is said")
    lifting = add_verb(verbs, common, "lift", _lift, _LIFT, "RESTRICTION_ID")
    for parser in (placing, changing):
        parser.add_argument("--allow", action="append", default=[], metavar="PRACTITIONER")
    for parser in (placing, changing, lifting):
        parser.add_argument("--asked-safely", action="store_true", help=_SAFELY)
    add_verb(verbs, common, "confirm", _confirm, _CONFIRM, "ORDER_ID")
    add_verb(verbs, common, "decline", _decline, _DECLINE, "ORDER_ID")


def _place(args: argparse.Namespace) -> int:
    def do(
        work: UnitOfWork, hand: Hand
    ) -> tuple[Restriction | RestrictionRefused, Order | Why | None]:
        allowed = frozenset(
            practitioner_from_text(named, work, option="allow").id for named in args.allow
        )
        scope = RestrictionScope(args.scope)
        restricting = work.restricting()
        placed = place(_person(args.what, work, hand), scope, hand, restricting=restricting)
        if isinstance(placed, RestrictionRefused) or not allowed:
            return placed, None
        change = Change(allowed, scope, args.asked_safely)
        asked = ask_change(placed.id, change, hand, restricting=restricting)
        stands = work.decisions.find_restriction(placed.id) or placed
        return stands, asked

    placed, asked = in_one_transaction(args, do)
    if isinstance(placed, RestrictionRefused):
        return tell_refused(args, placed)
    document = _document(placed)
    if isinstance(asked, Order):
        return tell_order(args, asked, "restriction", **document)
    if asked is not None:
        return tell_refused(args, asked, **document)
    print_document(args, document, plain=_text(placed))
    return 0


def _list(args: argparse.Namespace) -> int:
    def find(work: UnitOfWork, hand: Hand) -> Sequence[Restriction] | RestrictionRefused:
        if args.provisional:
            return restrictions_waiting(hand, restricting=work.restricting())
        return restrictions_told(
            person_known(args.what or f"person:{NOBODY}", work),
            hand.who,
            decisions=work.decisions,
            ledger=work.ledger,
            clock=work.outside.clock,
            actor=hand.actor,
        )

    found = in_one_transaction(args, find)
    if isinstance(found, RestrictionRefused):
        return tell_refused(args, found)
    document = {"restrictions": [_document(r) for r in found]}
    print_document(
        args, document, plain="\n".join(map(_text, found)) or "None that you may know of"
    )
    return 0


def _change(args: argparse.Namespace) -> int:
    def ask(work: UnitOfWork, hand: Hand) -> Order | Why:
        allowed = [practitioner_from_text(one, work, option="allow").id for one in args.allow]
        scope = _scope(args, work)
        change = Change(frozenset(allowed), scope, args.asked_safely)
        return ask_change(args.what, change, hand, restricting=work.restricting())

    return _asked(args, in_one_transaction(args, ask))


def _lift(args: argparse.Namespace) -> int:
    def ask(work: UnitOfWork, hand: Hand) -> Order | Why:
        change = Change(None, RestrictionScope.PERSON, args.asked_safely)
        return ask_change(args.what, change, hand, restricting=work.restricting())

    return _asked(args, in_one_transaction(args, ask))


def _confirm(args: argparse.Namespace) -> int:
    return _answered(args, confirms=True)


def _decline(args: argparse.Namespace) -> int:
    return _answered(args, confirms=False)


def _answered(args: argparse.Namespace, *, confirms: bool) -> int:
    def answer(work: UnitOfWork, hand: Hand) -> Order | Why:
        ports = work.restricting()
        return answer_change(args.what, hand, confirms=confirms, restricting=ports)

    return _asked(args, in_one_transaction(args, answer))


def _asked(args: argparse.Namespace, asked: Order | Why) -> int:
    if isinstance(asked, Order):
        return tell_order(args, asked, "restriction")
    return tell_refused(args, asked)


def _scope(args: argparse.Namespace, work: UnitOfWork) -> RestrictionScope:
    if args.scope is not None:
        return RestrictionScope(args.scope)
    found = work.decisions.find_restriction(args.what)
    return RestrictionScope.PERSON if found is None else found.scope


def _person(text: str, work: UnitOfWork, hand: Hand) -> PersonId:
    """Whom it is about: for governance protection need not wait until anything is recorded."""
    subject = subject_from_text(text)
    if isinstance(subject, Subject) and hand.who.role is Role.INFORMATION_GOVERNANCE:
        return work.persons.resolve_or_create(subject, at=work.now)
    return person_known(text, work)


def _document(restriction: Restriction) -> dict[str, Any]:
    return {
        "restriction_id": restriction.id,
        "person": restriction.subject,
        "scope": restriction.scope.value,
        "allowed": sorted(restriction.allowed),
        "placed_at": restriction.placed_at.isoformat(),
        "lifted_at": _time(restriction.lifted_at),
        "is_provisional": restriction.is_provisional,
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _text(restriction: Restriction) -> str:
    allowed = ", ".join(sorted(restriction.allowed)) or "nobody"
    waits = "; waits for two hands" if restriction.is_provisional else ""
    return f"Restriction {restriction.id} ({restriction.scope.value}){waits}; allowed: {allowed}"
