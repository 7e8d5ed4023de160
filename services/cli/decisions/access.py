"""`tell-once decide`: may this be shown? AuthZEN in, the decision and its reasons out."""

import argparse
import json
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from consent.deciding.words import CombiningAlgorithm
from consent.errors import DecisionInvalidError
from services.cli.operator import operator
from services.cli.output import CANNOT_BE_TOLD, USAGE, print_document, settings_from
from services.interfaces.access.authzen import RequestUnreadableError
from services.interfaces.access.batch import answer_document
from services.platform.clock import SystemClock

_ABOUT = """
Answers an OpenID AuthZEN 1.0 evaluation request (or several, in `evaluations`).

With --consents it decides over just those FHIR R4 Consent documents; no database is needed.
Without, it decides from the data folder or database by the same rules as every page, and needs

  subject   {"type": "practitioner", "id": PRACTITIONER}
  action    {"name": "read"} or {"name": "exists"}
  resource  {"type": "person", "id": PERSON or SCHEME:VALUE,
             "properties": {"category": …, "source": …, "labels": […]}}
            or a category as the type; without a source, of each one
  context   {"purpose": "direct-care"}

and nothing besides. It is yes only if every part is; with a no the obligations name the parts that
are. Whoever may not ask is told only that. What was asked is on the ledger.

With --at it is answered by what was known and in force at that time. Before the history of
anything begins by which it is answered, it cannot be told: an answer of its own, exit code 5.

With --replay a disclosure that the ledger names is decided once more, by what was known at its
moment, and held beside what was shown: exit code 0 where they agree, 1 where they do not.

Exit code 0 for yes and no alike, 2 for what cannot be read.

  tell-once decide --request request.json --consents consent.json --json
  tell-once decide --request - --consents a.json b.json --combine most-recent \\
      --at 2026-03-02T09:30:00Z --json
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `decide`."""
    decide = commands.add_parser(
        "decide",
        parents=[common],
        help="say whether something may be shown, and why",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = decide.add_argument
    what = decide.add_mutually_exclusive_group(required=True)
    what.add_argument("--request", metavar="FILE", help="an AuthZEN request; - for standard input")
    what.add_argument(
        "--replay", metavar="DISCLOSURE", help="decide a disclosure once more, as at its moment"
    )
    add(
        "--consents",
        nargs="*",
        action="extend",
        type=Path,
        metavar="FILE",
        help="FHIR R4 Consents: one, an array, a Bundle, or one a line",
    )
    add(
        "--combine",
        choices=[algorithm.value for algorithm in CombiningAlgorithm],
        default=CombiningAlgorithm.DENY_OVERRIDES.value,
        help="which consent holds where several disagree (with --consents; deny-overrides if not)",
    )
    add("--at", metavar="TIME", help="as at this time, ISO 8601; now if not given")
    decide.set_defaults(run_command=run_decide)


def run_decide(args: argparse.Namespace) -> int:
    """Decide and print; what cannot be read is told on standard error."""
    try:
        if args.replay is not None:
            return _replay(args)
        document = _request_in(args.request)
        at = _time(args.at)
        answer = (
            _by_consents(args, document, at)
            if args.consents is not None
            else _on_record(args, document, at)
        )
    except (RequestUnreadableError, DecisionInvalidError) as error:
        sys.stderr.write(f"tell-once: {error}\n")
        return USAGE
    if "cannot_be_told" in answer:
        from services.cli.decisions.past import untold_in_words  # noqa: PLC0415 as below

        print_document(args, answer, plain=untold_in_words(answer))
        return CANNOT_BE_TOLD
    print_document(args, answer, plain=_sentences(answer))
    return 0


def _replay(args: argparse.Namespace) -> int:
    from services.cli.decisions.past import run_replay  # noqa: PLC0415 as below

    if args.consents is not None or args.at is not None:
        raise RequestUnreadableError("--replay", "is-of-what-the-ledger-says: nothing beside it")
    return run_replay(args)


def _by_consents(args: argparse.Namespace, document: Any, at: datetime | None) -> dict[str, Any]:
    from services.interfaces.access.consent_files import (  # noqa: PLC0415 - takes half a second
        evaluate_by_consents,
        read_consents,
    )

    consents = read_consents(args.consents)
    evaluate = evaluate_by_consents(
        consents.documents,
        CombiningAlgorithm(args.combine),
        now=SystemClock().now(),
        at=at,
        members=consents.members,
    )
    return answer_document(document, evaluate)


def _on_record(args: argparse.Namespace, document: Any, at: datetime | None) -> dict[str, Any]:
    from services.bootstrap import DatabaseRole, opened  # noqa: PLC0415 as above
    from services.cli.decisions.past import answered_then  # noqa: PLC0415 as above
    from services.interfaces.access.on_record import (  # noqa: PLC0415 needs the database
        AskedFor,
        evaluate_and_record,
    )
    from services.interfaces.access.postgres_records import UnitOfWorkRecords  # noqa: PLC0415 as above
    from services.work import unit_of_work  # noqa: PLC0415 as above

    if args.combine != CombiningAlgorithm.DENY_OVERRIDES.value:
        raise RequestUnreadableError("--combine", "is-for---consents-only")
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        if at is not None and at < work.now:
            return answered_then(document, at, work=work, application=application)
        evaluate = partial(
            evaluate_and_record,
            records=UnitOfWorkRecords(work, speaks_for=lambda _: True),
            ledger=work.ledger,
            at=at or work.now,
            asking=AskedFor(operator(), work.now, is_told_why=True),
        )
        return answer_document(document, evaluate)


def _request_in(name: str) -> Any:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8-sig")
        return json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise RequestUnreadableError(
            "--request", f"cannot-be-read: {type(error).__name__}"
        ) from None
    except ValueError:
        raise RequestUnreadableError("--request", "is-not-json") from None


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise RequestUnreadableError("--at", "is-not-a-time") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _sentences(answer: dict[str, Any]) -> str:
    lines = []
    for one in answer.get("evaluations", [answer]):
        reasons = " ".join(reason["text"] for reason in one.get("context", {}).get("reasons", ()))
        lines.append(f"{'Permitted' if one['decision'] else 'Refused'}: {reasons}")
    return "\n".join(lines)
