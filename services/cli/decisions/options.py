"""The options that say how a decision came about and on what ground, and what they say."""

import argparse
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from consent.circumstances import (
    Channel,
    Circumstances,
    CompetenceJudgement,
    CompetenceQuestion,
    NotAskedReason,
    Present,
    RefusalReason,
)
from consent.errors import DecisionInvalidError
from consent.lawfulness import Article9, Basis, Gateway
from consent.model import Decider, DeciderKind, Response, TakenBack
from schemas.uk_time import day_before_now, when_clocks_show
from schemas.vocabulary import LabelledCode

Code = TypeVar("Code", bound=LabelledCode)

_ALL = "all"
_DECIDERS = {"mother": "parent", "father": "parent", "guardian": "parent", "self": "adult-self"}
_REASONS: dict[Response, type[RefusalReason] | type[NotAskedReason]] = {
    Response.REFUSED: RefusalReason,
    Response.NOT_ASKED: NotAskedReason,
}
_USUAL_DUTY = frozenset({Gateway.CHILDREN_ACT_2004_S11})


def add_ground_options(parser: argparse.ArgumentParser) -> None:
    """Add what says on what ground something was decided, and why not."""
    add = parser.add_argument
    add("--basis", help=f"{choices_of(Basis)}; consent unless given, public-task for an objection")
    add("--article-9", metavar="CONDITION", help=choices_of(Article9))
    add(
        "--gateway",
        action="append",
        default=[],
        help=f"the law; for a legal obligation children-act-2004-s11 unless given: "
        f"{choices_of(Gateway)}",
    )
    add(
        "--because",
        help=f"refused: {choices_of(RefusalReason)}; not asked (needed): "
        f"{choices_of(NotAskedReason)}",
    )


def add_how_options(parser: argparse.ArgumentParser) -> None:
    """Add what says who decided and how it came about."""
    add = parser.add_argument
    add("--decided-by", default="parent", metavar="KIND[:WHICH]", help=choices_of(DeciderKind))
    add(
        "--present",
        action="append",
        default=[],
        help=f"who was in the room besides: {choices_of(Present)}",
    )
    add("--channel", help=choices_of(Channel))
    add("--interpreter", metavar="LANG", help="the language interpreted into (BCP 47), as pl")
    add("--notice-version", metavar="VERSION", help="of the privacy notice they had, as 2026-03")
    add("--evidence", metavar="ID", help="what proves it: an opaque id or sha256:HEX, no text")
    add(
        "--competent-because",
        metavar="ANSWERS",
        help="a young person's answers that were yes, with commas; all five are needed: "
        f"{','.join(CompetenceQuestion)}",
    )
    add("--judged-by", metavar="PRACTITIONER", help="the id of who judged a young person")
    add(
        "--seconded-by",
        metavar="PRACTITIONER",
        help="the id of who judged the same besides, for a child below 13",
    )
    add(
        "--presumed-competent",
        action="store_true",
        help="the young person is 16 or 17; not needed where --date-of-birth says so",
    )
    add("--parents-not-told", action="store_true", help="the young person asks for this")


def add_taken_back_options(parser: argparse.ArgumentParser) -> None:
    """Add what says who took a decision back, and how."""
    add = parser.add_argument
    add("--by", metavar="KIND[:WHICH]", help=f"who took it back: {choices_of(DeciderKind)}")
    add("--name", metavar="NAME", help="what the parent who took it back is called")
    add("--channel", help=f"how they said so: {choices_of(Channel)}")
    add("--because", help=f"why, if they said: {choices_of(RefusalReason)}")


def taken_back_from(args: argparse.Namespace) -> TakenBack | None:
    """Who took it back and how; None where nothing of it is stated."""
    channel, because = args.channel, args.because
    by = args.by or (DeciderKind.PARENT.value if args.name else None)
    if by is None and channel is None and because is None:
        return None
    return TakenBack(
        decider_from(by or DeciderKind.NOT_SAID.value),
        None if channel is None else one_of("channel", Channel, channel),
        None if because is None else one_of("because", RefusalReason, because),
    )


def basis_from(args: argparse.Namespace, response: Response) -> Basis:
    """The legal basis that is stated; else the usual one of what was decided."""
    usual = Basis.PUBLIC_TASK if response is Response.OBJECTED else Basis.CONSENT
    return usual if args.basis is None else one_of("basis", Basis, args.basis)


def gateways_from(args: argparse.Namespace, basis: Basis) -> frozenset[Gateway]:
    """The laws that are stated; for a legal obligation else the duty that all agencies have."""
    stated = several_of("gateway", Gateway, args.gateway)
    return stated or (_USUAL_DUTY if basis is Basis.LEGAL_OBLIGATION else stated)


def condition_from(args: argparse.Namespace) -> Article9 | None:
    """The Art. 9 condition, where one is stated."""
    return None if args.article_9 is None else one_of("article-9", Article9, args.article_9)


def reason_from(
    args: argparse.Namespace, response: Response
) -> RefusalReason | NotAskedReason | None:
    """Why it was refused or nobody was asked, where it is stated."""
    if args.because is None:
        return None
    reasons = _REASONS.get(response)
    if reasons is None:
        raise DecisionInvalidError("because", "is-no-reason-for-this-response")
    return one_of("because", reasons, args.because)


def circumstances_from(args: argparse.Namespace, *, at: datetime) -> Circumstances:
    """How it was decided; a young person was judged at the time of the command."""
    channel = args.channel
    return Circumstances(
        channel=None if channel is None else one_of("channel", Channel, channel),
        interpreted_into=args.interpreter,
        notice_version=args.notice_version,
        evidence=args.evidence,
        competence=_judgement_from(args, at, args.judged_by),
        presumed_competent=args.presumed_competent,
        parents_are_not_told=args.parents_not_told,
        seconded=None if args.seconded_by is None else _judgement_from(args, at, args.seconded_by),
        present=several_of("present", Present, args.present),
    )


def decider_from(text: str) -> Decider:
    """`KIND` or `KIND:WHICH`; which of several parents is told apart by a word, not a name."""
    kind, _, which = text.partition(":")
    usual = _DECIDERS.get(kind)
    reference = which or kind
    if not reference.isascii() or not reference.replace("-", "").isalnum():
        raise DecisionInvalidError("decided-by", "names-somebody: use a word such as mother")
    return Decider(one_of("decided-by", DeciderKind, usual or kind), reference)


def day_from(field: str, text: str | None, moment: Callable[[date], datetime]) -> datetime | None:
    """The first or last moment of a day as YYYY-MM-DD, where one is given."""
    if text is None:
        return None
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        raise DecisionInvalidError(field, "is-not-a-date") from None
    return moment(day.date())


def moment_from(field: str, text: str | None, *, now: datetime) -> datetime | None:
    """When something was: a day from its beginning, or a time as clocks here showed it.

    Today is now, which is None; so is nothing.
    """
    if text is None:
        return None
    try:
        told = datetime.fromisoformat(text)
        moment = when_clocks_show(told) if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError):
        raise DecisionInvalidError(field, "is-not-a-date-or-time") from None
    return day_before_now(told.date(), now=now) if len(text) <= len("2026-03-02") else moment


def choices_of(codes: Iterable[LabelledCode]) -> str:
    """The codes that can be given, for people to read."""
    return ", ".join(code.value for code in codes)


def one_of(field: str, codes: type[Code], text: str) -> Code:
    """One of a closed list. Raises DecisionInvalidError naming the field and the list."""
    try:
        return codes(text)
    except ValueError:
        raise DecisionInvalidError(field, f"is-none-of: {choices_of(codes)}") from None


def several_of(field: str, codes: type[Code], texts: list[str]) -> frozenset[Code]:
    """Some of a closed list, or all of it. Raises DecisionInvalidError."""
    if _ALL in texts:
        return frozenset(codes)
    return frozenset(one_of(field, codes, text) for text in texts)


def _judgement_from(
    args: argparse.Namespace, at: datetime, judge: str | None
) -> CompetenceJudgement | None:
    """What this practitioner judged: who seconds answers each question as the first did."""
    if args.competent_because is None:
        if judge is not None:
            raise DecisionInvalidError("competent-because", "is-missing")
        return None
    if judge is None:
        raise DecisionInvalidError("judged-by", "is-missing")
    answers: list[Any] = [a for a in args.competent_because.split(",") if a]
    yes = several_of("competent-because", CompetenceQuestion, answers)
    return CompetenceJudgement.of(yes, judged_by=judge, judged_at=at)
