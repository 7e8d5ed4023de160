"""`tell-once link review|confirm|explain|train|leave-behind`: who may be who."""

import argparse
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from schemas.identifiers import PersonId
from schemas.vocabulary import Role
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.operator import operator
from services.cli.output import REFUSED, print_document, settings_from
from services.cli.profile.profiles import practitioner_from_text, speaking_for_somebody
from services.people.linking.comparing import Level
from services.people.linking.joins import LeaveBehind, leave_behind
from services.people.linking.ports import Considering, JoinRefusal, Review, ReviewState, usable
from services.people.linking.queue import Answer, answer_review, ask_sources, enter_refusal
from services.people.linking.stewards_view import (
    FieldLine,
    NotShown,
    SideBySide,
    Steward,
    compare_two,
    list_reviews,
    refuse,
    show_review,
)
from services.people.linking.training import read_records, train
from services.people.practitioners.stewards import as_steward
from services.profile.families import Deaths, deaths_of_two
from services.work import UnitOfWork, considering, unit_of_work
from services.workers.draining import working

# `leave-behind`: an identity that an adoption left behind.

_ABOUT = """
Marks an identity as left behind by an adoption: nobody is ever joined with it, whatever is alike,
so that nothing leads from it to who the child is now. For good.

  tell-once link leave-behind PERSON_ID
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
    _as_steward(parser, _leave_behind)


def _leave_behind(args: argparse.Namespace) -> int:
    def ask(considering: Considering, who: Steward) -> PersonId | JoinRefusal | NotShown:
        if who.role is not Role.DATA_STEWARD:
            return refuse(NotShown.NOT_A_DATA_STEWARD, who, considering)
        order = LeaveBehind(PersonId(args.person), who.actor)
        done = leave_behind(order, joining=considering.joining)
        if isinstance(done, JoinRefusal):
            enter_refusal("leave-behind", done, None, who, considering)
        return done

    done = _ask(args, ask)
    if isinstance(done, JoinRefusal | NotShown):
        document = {"refused": True, "reasons": [{"code": done.value, "text": done.label}]}
        print_document(args, document, plain=f"Refused: {done.label}")
        return REFUSED
    print_document(args, {"left_behind": done}, plain=f"Left behind: {done}")
    return 0


def _steward(args: argparse.Namespace, work: UnitOfWork) -> Steward:
    """Whoever runs the command; a practitioner only where families are invented."""
    if args.practitioner is None:
        return Steward.operating(operator())
    return as_steward(practitioner_from_text(args.practitioner, work))


# Reviews and two persons side by side, as JSON documents and as text.

_NOT_KNOWN = "–"
_COLUMN = 28


def review_document(review: Review) -> dict[str, Any]:
    """A review: ids, a score, what was answered."""
    return {
        "review": review.id,
        "persons": [review.one, review.other],
        "bits": round(review.bits, 1),
        "weights": review.weights,
        "state": review.state.value,
        "opened_at": review.opened_at.isoformat(),
        "asked_at": review.asked_at.isoformat() if review.asked_at else None,
        "answered_at": review.answered_at.isoformat() if review.answered_at else None,
        "answered_by": review.answered_by,
    }


def list_text(reviews: Sequence[Review]) -> str:
    """A line a review."""
    lines = [f"{r.id} {r.state.value} {r.bits:+.1f} bits {r.one} {r.other}" for r in reviews]
    return "\n".join(lines) or "Nobody is asked about."


def answer_document(review: Review) -> dict[str, Any]:
    """What was answered."""
    return {"review": review.id, "state": review.state.value}


def answer_text(review: Review) -> str:
    """The same in a sentence."""
    return f"{review.state.label}: {review.one} and {review.other}"


def side_document(shown: SideBySide, deaths: Deaths) -> dict[str, Any]:
    """Two persons side by side, and what is told of a death."""
    return {
        "deaths": [None if death is None else death.standing.value for death in deaths],
        "review": shown.review.id if shown.review else None,
        "persons": [shown.one, shown.other],
        "sources": [shown.one_source.value, shown.other_source.value],
        "band": shown.band.value,
        "bits": round(shown.bits, 1),
        "fields": [
            {
                "field": line.field.value,
                "one": line.one,
                "other": line.other,
                "level": line.level.value,
                "bits": round(line.bits, 1),
            }
            for line in shown.lines
        ],
        "objections": [{"code": o.value, "text": o.label} for o in shown.objections],
    }


def side_text(shown: SideBySide, deaths: Deaths) -> str:
    """The same as a table, a death first."""
    told = zip((shown.one, shown.other), deaths, strict=True)
    died = [f"{person}: {death.standing.label}" for person, death in told if death]
    head = _row("", f"{shown.one_source.label}", f"{shown.other_source.label}", "")
    lines = [_row(line.field.label, line.one, line.other, _agreement(line)) for line in shown.lines]
    objections = [f"! {objection.label}" for objection in shown.objections]
    total = f"{shown.bits:+.1f} bits. {shown.band.label}"
    return "\n".join((*died, head, *lines, *objections, total))


def _agreement(line: FieldLine) -> str:
    if line.level is Level.NOT_KNOWN:
        return line.level.label
    return f"{line.level.label} ({line.bits:+.1f})"


def _row(*cells: str | None) -> str:
    return "  ".join((cell or _NOT_KNOWN).ljust(_COLUMN) for cell in cells).rstrip()


Ask = Callable[[Considering, Steward], Any]

_REVIEW = """
Pairs of persons who may be one; every look and answer is on the ledger. Who they are is shown to
data stewards on their pages, and to nobody who runs a command. A join opens nothing until another
hand confirms it, and one of both hands is a data steward's.

  tell-once link review list
  tell-once link review join REVIEW_ID [--although-born-otherwise]
  tell-once link review apart REVIEW_ID
  tell-once link review undo REVIEW_ID

Among invented families, as one of their practitioners:

  tell-once link review show REVIEW_ID --as PRACTITIONER
  tell-once link review ask-source REVIEW_ID --as PRACTITIONER
"""
_CONFIRM = """
Confirms what somebody else said of a pair: that they are one person, or that they are two. Lists
what waits for that with `tell-once link review list --state claimed --state parting`.

  tell-once link confirm REVIEW_ID
"""
_EXPLAIN = """
Two persons side by side, field by field, and what follows from it; among invented families.

  tell-once link explain PERSON_ID PERSON_ID --as PRACTITIONER
"""
_TRAIN = """
Learns weights from records that you supply, with Splink (which is not installed by default), and
writes them to a file to be read by eye. `link_weights` in the settings names the file to use.

  tell-once link train people.csv --out weights.json
"""
_ANSWERS = {
    "join": (Answer.JOIN, "they are one person"),
    "apart": (Answer.APART, "they are two; never asked again"),
    "undo": (Answer.UNDO, "undo a join; everything goes back to whom it came for"),
    "confirm": (Answer.CONFIRM, "be the other hand for what somebody else said"),
}


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `link`."""
    link = commands.add_parser("link", help="who may be who")
    verbs = link.add_subparsers(dest="verb", required=True, metavar="VERB")
    review = verbs.add_parser("review", help="pairs that wait for a steward", **_described(_REVIEW))
    _add_review(review.add_subparsers(dest="action", required=True, metavar="ACTION"), common)
    explain = verbs.add_parser(
        "explain", parents=[common], help="two persons side by side", **_described(_EXPLAIN)
    )
    explain.add_argument("one", metavar="PERSON_ID")
    explain.add_argument("other", metavar="PERSON_ID")
    _as_steward(explain, _explain, is_shown=True)
    confirm = verbs.add_parser(
        "confirm", parents=[common], help=_ANSWERS["confirm"][1], **_described(_CONFIRM)
    )
    confirm.add_argument("review", metavar="REVIEW_ID")
    confirm.set_defaults(action="confirm")
    _as_steward(confirm, _answer)
    add_command(verbs, common)
    training = verbs.add_parser(
        "train", parents=[common], help="learn weights", **_described(_TRAIN)
    )
    training.add_argument("records", type=Path, metavar="CSV")
    training.add_argument("--out", type=Path, required=True, metavar="FILE")
    training.add_argument("--made-from", default="records of our own", metavar="WORDS")
    training.set_defaults(run_command=_train)


def _add_review(actions: Any, common: argparse.ArgumentParser) -> None:
    listing = actions.add_parser("list", parents=[common], help="which wait", **_described(_REVIEW))
    listing.add_argument("--state", choices=[s.value for s in ReviewState], action="append")
    _as_steward(listing, _list)
    for name, about, run in (
        ("show", "both side by side", _show),
        ("ask-source", "write down that the sources are asked", _ask_source),
        *((n, about, _answer) for n, (_, about) in _ANSWERS.items() if n != "confirm"),
    ):
        one = actions.add_parser(name, parents=[common], help=about, **_described(_REVIEW))
        one.add_argument("review", metavar="REVIEW_ID")
        if name == "join":
            one.add_argument(
                "--although-born-otherwise",
                action="store_true",
                help="one date of birth was written wrongly",
            )
        _as_steward(one, run, is_shown=name in {"show", "ask-source"})


def _described(text: str) -> dict[str, Any]:
    return {"description": text, "formatter_class": argparse.RawDescriptionHelpFormatter}


def _as_steward(
    parser: argparse.ArgumentParser,
    run: Callable[[argparse.Namespace], int],
    *,
    is_shown: bool = False,
) -> None:
    parser.add_argument(
        "--as",
        required=is_shown,
        dest="practitioner",
        metavar="PRACTITIONER",
        help="as one of the invented practitioners of a demonstration",
    )
    parser.set_defaults(run_command=run)


def _list(args: argparse.Namespace) -> int:
    states = [ReviewState(s) for s in args.state or ()] or [s for s in ReviewState if s.is_open]
    found = _ask(args, lambda c, who: list_reviews(who, states, considering=c))
    if isinstance(found, NotShown):
        return _refused(args, found)
    rows = [review_document(review) for review in found]
    print_document(args, {"reviews": rows}, plain=list_text(found))
    return 0


def _show(args: argparse.Namespace) -> int:
    return _side(args, lambda c, who: show_review(args.review, who, considering=c))


def _explain(args: argparse.Namespace) -> int:
    one, other = PersonId(args.one), PersonId(args.other)
    return _side(args, lambda c, who: compare_two(one, other, who, considering=c))


def _side(args: argparse.Namespace, ask: Ask) -> int:
    found, deaths = _ask(args, ask, _with_deaths)
    if isinstance(found, NotShown):
        return _refused(args, found)
    print_document(args, side_document(found, deaths), plain=side_text(found, deaths))
    return 0


def _with_deaths(work: UnitOfWork, found: SideBySide | NotShown) -> tuple[Any, Deaths]:
    if isinstance(found, NotShown):
        return found, (None, None)
    both = found.one, found.other
    allowed = usable(both, work.clusters.members, work.decisions, work.now)
    return found, deaths_of_two(*both, allowed, opening=work.opening())


def _answer(args: argparse.Namespace) -> int:
    answer, _ = _ANSWERS[args.action]
    if getattr(args, "although_born_otherwise", False):
        answer = Answer.JOIN_ALTHOUGH_BORN_OTHERWISE
    found = _ask(args, lambda c, who: answer_review(args.review, answer, who, considering=c))
    if isinstance(found, NotShown | JoinRefusal):
        return _refused(args, found)
    print_document(args, answer_document(found), plain=answer_text(found))
    return 0


def _ask_source(args: argparse.Namespace) -> int:
    found = _ask(args, lambda c, who: ask_sources(args.review, who, considering=c))
    if isinstance(found, NotShown):
        return _refused(args, found)
    review, sources = found
    document = {**answer_document(review), "sources": [source.value for source in sources]}
    labels = " and ".join(source.label for source in sources)
    print_document(args, document, plain=f"Ask {labels} which is right.")
    return 0


def _ask(
    args: argparse.Namespace, ask: Ask, then: Callable[[UnitOfWork, Any], Any] | None = None
) -> Any:
    with (
        opened(settings_from(args)) as application,
        _spoken_for(args, application),
        working(application),
    ):
        outside = application.outside(DatabaseRole.PORTAL)
        with unit_of_work(outside) as work:
            answer = ask(considering(work, outside), _steward(args, work))
            return answer if then is None else then(work, answer)


def _spoken_for(args: argparse.Namespace, application: Application) -> AbstractContextManager[None]:
    return nullcontext() if args.practitioner is None else speaking_for_somebody(application)


def _refused(args: argparse.Namespace, why: NotShown | JoinRefusal) -> int:
    document = {"refused": True, "reasons": [{"code": why.value, "text": why.label}]}
    print_document(args, document, plain=f"Refused: {why.label}")
    return REFUSED


def _train(args: argparse.Namespace) -> int:
    document = train(read_records(args.records), made_from=args.made_from)
    args.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    told = {"version": document["version"], "records": document["made"]["records"]}
    print_document(args, told, plain=f"Learned {document['version']}; see {args.out.name}")
    return 0
