"""`tell-once parked list|show|accept|ask|discard|replay`: messages that could not be read."""

import argparse
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from schemas.vocabulary import Role, Source
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.intake.unused import unused_document
from services.cli.operator import officers_verb, operator
from services.cli.output import REFUSED, print_document, settings_from
from services.cli.profile.profiles import practitioner_from_text, speaking_for_somebody
from services.intake.parked.answering import AnswerParked, NotAnswered, answer_parked
from services.intake.parked.model import Because, ParkedAnswer, ParkedMessage, ParkedState
from services.intake.parked.remedies import question_to_source, remedy_for
from services.intake.parked.showing import ParkedOnlooker, ShownParked, list_parked, show_parked
from services.platform.keys.vault import SecretName
from services.work import UnitOfWork, unit_of_work
from services.workers.draining import working
from services.workers.replaying import replay

_ABOUT = """
Messages that could not be read, or whose they are nobody can say: urgent ones first. Each is named
by its event, its sender and the file or mailbox message that it came in, with the field, the reason
and what to do. What it says is told nowhere; two dates that contradict each other are shown to data
stewards, on their page.

  tell-once parked list
  tell-once parked show PARKED_ID
  tell-once parked accept PARKED_ID --because source-confirms    it is about whom its number names
  tell-once parked ask PARKED_ID                                 the text to send to its source
  tell-once parked discard PARKED_ID --because sent-again
  tell-once parked replay [PARKED_ID …]                          after the reader was mended

Accepting takes two people, one of them a data steward: the second says so with the same command.
So does discarding an urgent one. `--as` is for invented families.
"""
_REPLAY = """
Reads parked messages again, for instance after the reader was mended.

  tell-once parked replay            all of them
  tell-once parked replay PARKED_ID  one
"""
_ANSWERS = {
    ParkedAnswer.ACCEPT: "it is about whom its number names: two people say so",
    ParkedAnswer.ASK: "write down that its source is asked, and tell what to send",
    ParkedAnswer.DISCARD: "nothing more is to be done about it",
}
_Answer = TypeVar("_Answer")


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `parked`."""
    parked = commands.add_parser(
        "parked",
        help="messages that could not be read",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parked.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = officers_verb(
        verbs, common, "list", _list, told=("which, why, and what to do", _ABOUT)
    )
    listing.add_argument("--source", choices=[source.value for source in Source])
    states = [state.value for state in ParkedState]
    listing.add_argument("--state", choices=states, action="append", help="waiting and asked")
    showing = officers_verb(verbs, common, "show", _show, told=("one of them", _ABOUT))
    showing.add_argument("parked", metavar="PARKED_ID")
    for answer, about in _ANSWERS.items():
        one = officers_verb(verbs, common, answer.value, _answer, told=(about, _ABOUT))
        one.add_argument("parked", metavar="PARKED_ID")
        reasons = [because.value for because in Because if because.answer is answer]
        if reasons:
            one.add_argument("--because", required=True, choices=reasons)
    again = verbs.add_parser(
        "replay",
        parents=[common],
        help="read them again",
        description=_REPLAY,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    again.add_argument("parked", nargs="*", metavar="PARKED_ID")
    again.set_defaults(run_command=_replay)


def _list(args: argparse.Namespace) -> int:
    states = [ParkedState(s) for s in args.state or ()] or [s for s in ParkedState if s.is_open]
    found = _ask(
        args,
        lambda work, who: list_parked(
            who, states, showing=work.showing_parked(), source=args.source
        ),
    )
    if isinstance(found, NotAnswered):
        return _refused(args, found)
    rows = [_document(message) for message in found]
    print_document(args, {"parked": rows}, plain=_text(found) or "Nothing is parked.")
    return 0


def _show(args: argparse.Namespace) -> int:
    shown = _ask(
        args, lambda work, who: show_parked(args.parked, who, showing=work.showing_parked())
    )
    if isinstance(shown, NotAnswered):
        return _refused(args, shown)
    document = _document(shown.message) | {"contradiction": _contradiction(shown)}
    lines = [f"{name}: {value}" for name, value in document.items() if value]
    print_document(args, document, plain="\n".join(lines))
    return 0


def _answer(args: argparse.Namespace) -> int:
    because = getattr(args, "because", None)

    def answer(work: UnitOfWork, who: ParkedOnlooker) -> ParkedMessage | NotAnswered:
        shown = show_parked(args.parked, who, showing=work.showing_parked())
        if isinstance(shown, NotAnswered):
            return shown
        said = None if because is None else Because(because)
        command = AnswerParked(args.parked, ParkedAnswer(args.verb), who.actor, said)
        return answer_parked(command, answering=work.answering_parked())

    done = _ask(args, answer)
    if isinstance(done, NotAnswered):
        return _refused(args, done)
    document = {
        "parked_id": done.id,
        "state": done.state.value,
        "waits_for_another": done.pending is not None,
    }
    print_document(args, document | _to_send(args, done), plain=_told(args, done))
    return 0


def _replay(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application, working(application):
        rows = replay(
            args.parked,
            outside=application.outside(DatabaseRole.CONNECTORS),
            key=application.vault.secret(SecretName.PARKED),
        )
    document = {
        "replayed": len(rows),
        "records": [
            {
                "parked_id": i,
                "disposition": d.disposition.value,
                "reason": d.reason,
                "unused": unused_document(d.unused),
            }
            for i, d in rows
        ],
    }
    plain = "\n".join(f"{i} {d.disposition.value} {d.reason or ''}" for i, d in rows)
    print_document(args, document, plain=plain or "Nothing was replayed.")
    return 0


def _ask(args: argparse.Namespace, ask: Callable[[UnitOfWork, ParkedOnlooker], _Answer]) -> _Answer:
    with (
        opened(settings_from(args)) as application,
        _spoken_for(args, application),
        working(application),
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        return ask(work, _onlooker(args, work))


def _spoken_for(args: argparse.Namespace, application: Application) -> AbstractContextManager[None]:
    return speaking_for_somebody(application) if args.practitioner else nullcontext()


def _onlooker(args: argparse.Namespace, work: UnitOfWork) -> ParkedOnlooker:
    """Whoever runs the command; a practitioner only where families are invented."""
    if args.practitioner is None:
        return ParkedOnlooker(operator(), Role.DATA_STEWARD)
    who = practitioner_from_text(args.practitioner, work)
    return ParkedOnlooker(who.actor, who.role, who.id)


def _refused(args: argparse.Namespace, why: NotAnswered) -> int:
    document = {"refused": True, "reasons": [{"code": why.value, "text": why.label}]}
    print_document(args, document, plain=f"Refused: {why.label}")
    return REFUSED


# As documents and as text: codes, ids and our own words.


def _document(message: ParkedMessage) -> dict[str, Any]:
    remedy = remedy_for(message.field, message.reason)
    return {
        "parked_id": message.id,
        "urgent": None if message.urgency is None else message.urgency.value,
        "source": message.source.value,
        "event": message.event,
        "kind": message.event,
        "sender": message.sender or message.partner,
        "origin": message.origin,
        "index": message.index,
        "message_id": message.message_id,
        "field": message.field,
        "reason": message.reason,
        "at": message.at.isoformat(),
        "state": message.state.value,
        "waits_for_another": message.pending is not None,
        "who_mends": remedy.who.value,
        "wrong": remedy.wrong,
        "remedy": remedy.todo,
    }


def _text(found: Sequence[ParkedMessage]) -> str:
    return "\n".join(line for message in found for line in _lines(message))


def _lines(message: ParkedMessage) -> list[str]:
    urgent = "" if message.urgency is None else f"URGENT ({message.urgency.value}) "
    sender = message.sender or message.partner or "sender not known"
    remedy = remedy_for(message.field, message.reason)
    place = f"{message.source.value} [{message.index}] {message.field}: {message.reason}"
    since = f"received {message.at:%Y-%m-%d %H:%M} UTC, {message.state.label.lower()}"
    return [
        f"{urgent}{message.id} {place}",
        f"  {message.event or 'names nobody by number'}, {sender}, {since}; nothing of it is used",
        f"  in {message.origin or 'nothing that is known'}; message {message.message_id or '-'}",
        f"  {remedy.wrong} {remedy.todo}",
    ]


def _contradiction(shown: ShownParked) -> dict[str, Any] | None:
    found = shown.contradiction
    if found is None:
        return None
    return {
        "own": found.own,
        "routed": list(found.routed),
        "on_record": found.on_record.value,
        "is_timed": found.is_timed,
        "against": list(found.against),
    }


def _to_send(args: argparse.Namespace, message: ParkedMessage) -> dict[str, str]:
    return {"text": _question(message)} if args.verb == ParkedAnswer.ASK.value else {}


def _told(args: argparse.Namespace, message: ParkedMessage) -> str:
    if args.verb == ParkedAnswer.ASK.value:
        return _question(message)
    if message.pending is not None:
        return "Somebody else has to say so too, with the same command or on the stewards' page."
    return f"{message.state.label}."


def _question(message: ParkedMessage) -> str:
    return question_to_source(
        event=message.event,
        message_id=message.message_id,
        origin=message.origin,
        field=message.field,
        reason=message.reason,
    )
