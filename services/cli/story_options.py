"""What is typed after `tell-once story`, and what it means."""

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from consent.errors import DecisionInvalidError
from consent.ledger_fields import RECIPIENT
from schemas.identifiers import PersonId
from schemas.kept_to import KeptTo, categories_in
from schemas.vocabulary import Purpose
from services.portal.story_form import MAX_NAME, MAX_TEXT
from services.portal.story_ports import ToldStory

_ABOUT: Mapping[str, tuple[str, str]] = {
    "show": (
        "what the family said, and who may read it",
        "tell-once story show --person nhs-number:9990000018 --as PRACTITIONER --json",
    ),
    "add": (
        "write down what the family said",
        "tell-once story add --person ID --as PRACTITIONER --told-by Mum --text-from words.txt",
    ),
    "correct": (
        "put other words in the place of an entry, which stays",
        "tell-once story correct ENTRY --person ID --as PRACTITIONER --told-by Mum --text-from -",
    ),
    "confirm": (
        "write down that nothing has changed, in some entries or in all",
        "tell-once story confirm --person ID --as PRACTITIONER --told-by Mum",
    ),
    "keep": (
        "keep an entry to fewer people; this cannot be undone",
        "tell-once story keep ENTRY --person ID --as PRACTITIONER --keep-to agency:schools",
    ),
}
_READ_FROM = "the words: a file, or - for standard input; never typed, so that no shell keeps them"


def add_story_commands(
    commands: Any,
    common: argparse.ArgumentParser,
    run: Mapping[str, Callable[[argparse.Namespace], int]],
) -> None:
    """Add `story` and its verbs."""
    story = commands.add_parser("story", help="what the family said, in its own words")
    verbs = story.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, (help_text, example) in _ABOUT.items():
        parser = verbs.add_parser(
            verb,
            parents=[common],
            help=help_text,
            description=f"{help_text[:1].upper()}{help_text[1:]}.\n\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        _add_options(parser, verb)
        parser.set_defaults(run_command=run[verb])


def told_in(args: argparse.Namespace, about: Sequence[PersonId]) -> ToldStory:
    """What was said, as it is to be written down. Raises DecisionInvalidError."""
    words = sys.stdin.read() if args.text_from == "-" else Path(args.text_from).read_text("utf-8")
    text = words.strip()
    if not 0 < len(text) <= MAX_TEXT:
        raise DecisionInvalidError("text-from", f"must hold 1 to {MAX_TEXT} characters")
    for name in ("told_by", "with_whom"):
        if len(getattr(args, name) or "") > MAX_NAME:
            raise DecisionInvalidError(name, f"must be {MAX_NAME} characters or fewer")
    return ToldStory(text, args.told_by, args.with_whom, tuple(about), marks_of(args))


def marks_of(args: argparse.Namespace) -> frozenset[KeptTo]:
    """Whom it is kept to. Raises DecisionInvalidError for what names nobody."""
    marks = frozenset[KeptTo](getattr(args, "keep_to", ()))
    known = {f"category:{category}" for category in categories_in(marks)}
    if any(re.fullmatch(RECIPIENT.json, f'"{mark}"') is None for mark in marks - known):
        raise DecisionInvalidError("keep-to", "is none of agency:, role:, practitioner:, category:")
    return marks


def _add_options(parser: argparse.ArgumentParser, verb: str) -> None:
    if verb in {"correct", "keep"}:
        parser.add_argument("entry", metavar="ENTRY", help="its key, as story show gives it")
    if verb == "confirm":
        parser.add_argument("entries", nargs="*", metavar="ENTRY", help="all if none is named")
    parser.add_argument("--person", required=True, metavar="ID", help="or SCHEME:VALUE")
    parser.add_argument("--as", required=True, dest="practitioner", metavar="PRACTITIONER")
    purposes = [purpose.value for purpose in Purpose]
    parser.add_argument("--purpose", choices=purposes, default=Purpose.EARLY_HELP.value)
    if verb in {"add", "correct", "confirm"}:
        parser.add_argument("--told-by", required=True, metavar="WHO", help="for example, Mum")
    if verb in {"add", "correct"}:
        parser.add_argument("--text-from", required=True, metavar="FILE", help=_READ_FROM)
        parser.add_argument("--with-whom", metavar="WHO", help="who else was there")
    if verb == "add":
        parser.add_argument("--about", action="append", default=[], metavar="ID")
    if verb in {"add", "keep"}:
        parser.add_argument(
            "--keep-to",
            action="append",
            default=[],
            required=verb == "keep",
            metavar="MARK",
            help="agency:KIND, role:ROLE, practitioner:ID or category:CODE; repeat for more",
        )
