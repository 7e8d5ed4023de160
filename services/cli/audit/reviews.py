"""`tell-once audit reviews|review|family-question`: what waits, and what was found of it."""

import argparse
from typing import Any

from consent.errors import DecisionInvalidError
from services.audit.asked import NotForThem
from services.audit.looks import worker_of
from services.audit.outcomes import (
    MAY_BE_BECAUSE,
    FoundBecause,
    Outcome,
    ReviewRefusal,
    ReviewStanding,
    Step,
)
from services.audit.postgres_answers import Auditing, family_named, place_from_text
from services.audit.reviews.postgres import DuePlace, FamilyQuestion
from services.audit.reviews.questions import (
    CameInBy,
    FamilyAnswer,
    FamilyAsks,
    FamilyQuestionAsked,
    FamilyQuestionRefusal,
    answer_family,
    ask_for_family,
    take_from_family,
)
from services.audit.reviews.reviewing import Reviewed, move, review
from services.audit.reviews.waiting import (
    SHOWN_UNLESS_ASKED,
    ReviewAnswer,
    ReviewRow,
    ReviewsAnswer,
    review_shown,
    reviews_waiting,
)
from services.cli.audit.asking import FAMILY_HELP, Verbs, add_verb, asked, most_of, tell, text_of
from services.cli.audit.looks import access_document, actor_from_text, worker_document
from services.cli.output import REFUSED, print_document
from services.people.governance.queue import ItemKind

_REVIEWS = """
What waits for a review, the soonest due first: emergencies, visits that nobody confirmed, decisions
on one person's word, doubts about capacity, duties over a refusal, families' questions.

  tell-once audit reviews
  tell-once audit reviews --kind emergency unconfirmed-presence --json
"""
_BECAUSE = "\n".join(
    f"  {outcome.value}: {', '.join(sorted(one.value for one in reasons))}"
    for outcome, reasons in MAY_BE_BECAUSE.items()
)
_REVIEW = f"""
Shows an item, says that somebody was asked, or what was found. A breach takes a second reviewer;
nobody reviews themselves. Once it is closed, the leads of the worker's agency are told.

  tell-once audit review ITEM --json
  tell-once audit review ITEM --step asked-manager
  tell-once audit review ITEM --outcome justified --because later-work

Reasons:
{_BECAUSE}
"""
_QUESTION = f"""
A family's question: entered by a practitioner who works with them, or by governance; answered.

  tell-once audit family-question ask nhs-number:9990000018 --asks why-looked --came-by telephone
  tell-once audit family-question answer ITEM --answer was-right

{FAMILY_HELP}
"""


def add_reviews(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit reviews`."""
    parser = add_verb(verbs, common, "reviews", _reviews, _REVIEWS)
    kinds = [kind.value for kind in ItemKind]
    parser.add_argument("--kind", nargs="+", choices=kinds, default=sorted(SHOWN_UNLESS_ASKED))
    parser.add_argument("--after", metavar="PLACE", help="`next` of the page before")
    parser.add_argument("--most", type=int, default=50)


def add_review(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit review`."""
    parser = add_verb(verbs, common, "review", _review, _REVIEW)
    parser.add_argument("item", metavar="ITEM")
    steps = (Step.LOOKING, Step.ASKED_WORKER, Step.ASKED_MANAGER)
    parser.add_argument("--step", choices=[step.value for step in steps])
    parser.add_argument("--outcome", choices=[outcome.value for outcome in Outcome])
    parser.add_argument("--because", choices=[because.value for because in FoundBecause])


def add_family_question(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit family-question`."""
    group = verbs.add_parser("family-question", help="a family's question: entered, answered")
    more = group.add_subparsers(dest="act", required=True, metavar="ACT")
    ask = add_verb(more, common, "ask", _ask, _QUESTION)
    ask.add_argument("family", metavar="person:ID or SCHEME:VALUE")
    ask.add_argument("--asks", required=True, choices=[one.value for one in FamilyAsks])
    came = (CameInBy.TELEPHONE, CameInBy.LETTER)
    ask.add_argument("--came-by", choices=[one.value for one in came], default=came[0].value)
    ask.add_argument("--about", metavar="WORKER", help="who looked, if they name somebody")
    answer = add_verb(more, common, "answer", _answer, _QUESTION)
    answer.add_argument("item", metavar="ITEM")
    answer.add_argument("--answer", required=True, choices=[one.value for one in FamilyAnswer])


def _reviews(args: argparse.Namespace) -> int:
    after = None
    if args.after is not None:
        at, tilde, item = args.after.partition("~")
        after = DuePlace(place_from_text(f"{at}{tilde}0").at, item)

    def ask(auditing: Auditing) -> ReviewsAnswer | NotForThem:
        kinds = frozenset(map(ItemKind, args.kind))
        return reviews_waiting(auditing, kinds=kinds, after=after, most=most_of(args))

    return tell(args, asked(args, ask), _reviews_document, _reviews_in_lines)


def _review(args: argparse.Namespace) -> int:
    if args.outcome is not None and args.because is None:
        raise DecisionInvalidError("because", "is-needed-for-an-outcome")
    if args.outcome is None and args.step is None:
        shown = asked(args, lambda auditing: review_shown(args.item, auditing))
        if shown is None:
            raise DecisionInvalidError("item", "is-not-known")
        return tell(args, shown, _review_document, _review_in_lines)

    def say(auditing: Auditing) -> Reviewed | ReviewRefusal:
        by, work = auditing.by, auditing.work
        if args.outcome is None:
            return move(args.item, Step(args.step), by=by, work=work)
        outcome, because = Outcome(args.outcome), FoundBecause(args.because)
        return review(args.item, outcome, because, by=by, work=work)

    said = asked(args, say)
    if isinstance(said, ReviewRefusal):
        print_document(args, {"refused": said.value}, plain=said.label)
        return REFUSED
    print_document(args, _reviewed_document(said), plain=said.standing.step.label)
    return 0


def _ask(args: argparse.Namespace) -> int:
    def do(auditing: Auditing) -> FamilyQuestion | FamilyQuestionRefusal:
        by, work = auditing.by, auditing.work
        person = next(iter(family_named(args.family, work)), None)
        worker = None if args.about is None else actor_from_text(args.about)
        wanted = FamilyQuestionAsked(person, FamilyAsks(args.asks), CameInBy(args.came_by), worker)
        who = None if by.practitioner is None else work.directory.practitioner(by.practitioner)
        if who is None or by.may_ask:
            return take_from_family(wanted, by=by, work=work)
        by_hand = FamilyQuestionAsked(person, wanted.asks, CameInBy.PRACTITIONER, worker)
        return ask_for_family(by_hand, who, work=work)

    return _tell_question(args, asked(args, do))


def _answer(args: argparse.Namespace) -> int:
    answer = FamilyAnswer(args.answer)
    done = asked(args, lambda a: answer_family(args.item, answer, by=a.by, work=a.work))
    return _tell_question(args, done)


def _tell_question(args: argparse.Namespace, done: FamilyQuestion | FamilyQuestionRefusal) -> int:
    if isinstance(done, FamilyQuestionRefusal):
        print_document(args, {"refused": done.value}, plain=done.label)
        return REFUSED
    document = {
        "question": done.id,
        "asks": done.asks,
        "came_by": done.came_by,
        "due": text_of(done.due_at),
        "answer": done.answer,
    }
    due = f"An answer is due by {done.due_at:%Y-%m-%d}"
    print_document(args, document, plain=f"{done.id}: {done.answer or due}")
    return 0


# As documents and as lines.


def standing_document(standing: ReviewStanding) -> dict[str, Any]:
    """How a review stands."""
    return {
        "step": standing.step.value,
        "outcome": standing.outcome,
        "because": standing.because,
        "found_by": standing.found_by,
        "closed_by": standing.closed_by,
    }


def _row_document(row: ReviewRow, answer: ReviewsAnswer | ReviewAnswer) -> dict[str, Any]:
    return {
        "item": row.item.id,
        "kind": row.item.kind,
        "about": row.item.about,
        "persons": list(row.item.persons),
        "worker": None
        if row.worker is None
        else worker_document(worker_of(row.worker, answer.workers)),
        "raised_by": row.item.raised_by,
        "raised_at": text_of(row.item.raised_at),
        "due": text_of(row.item.due_at),
        "is_overdue": row.is_overdue,
        "review": standing_document(row.standing),
        "later_work": [access_document(one, answer.workers) for one in row.work],
    }


def _reviews_document(answer: ReviewsAnswer) -> dict[str, Any]:
    after = answer.next
    return {
        "entered": str(answer.entered),
        "items": [_row_document(row, answer) for row in answer.rows],
        "next": None if after is None else f"{after.due_at.isoformat()}~{after.item}",
    }


def _review_document(answer: ReviewAnswer) -> dict[str, Any]:
    return {
        "entered": str(answer.entered),
        **_row_document(answer.row, answer),
        "states": [
            {"at": text_of(one.at), "by": one.said_by, **standing_document(one.standing)}
            for one in answer.states
        ],
    }


def _reviewed_document(done: Reviewed) -> dict[str, Any]:
    return {
        "item": done.item,
        **standing_document(done.standing),
        "told": list(done.told),
        "affected": list(done.affected),
    }


def _row_in_line(row: ReviewRow, answer: ReviewsAnswer | ReviewAnswer) -> str:
    due = f"due {row.item.due_at:%Y-%m-%d}{' OVERDUE' if row.is_overdue else ''}"
    who = row.item.raised_by
    if row.worker is not None:
        who = worker_of(row.worker, answer.workers).name
    after = f"; {len(row.work)} later" if row.work else ""
    return f"{due}  {row.item.kind}  {row.item.id}  {who}  {row.standing.step.label}{after}"


def _reviews_in_lines(answer: ReviewsAnswer) -> str:
    lines = [_row_in_line(row, answer) for row in answer.rows]
    more = ["There are more: see `next` with --json"] if answer.next else []
    return "\n".join([*(lines or ["Nothing waits"]), *more])


def _review_in_lines(answer: ReviewAnswer) -> str:
    states = [
        f"{one.at:%Y-%m-%d %H:%M} UTC  {one.standing.step.label}  {one.said_by}"
        for one in answer.states
    ]
    return "\n".join([_row_in_line(answer.row, answer), *states])
