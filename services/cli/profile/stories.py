"""`tell-once story`: what the family said, read and written down from a terminal."""

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from consent.errors import DecisionInvalidError
from consent.ledger.fields import RECIPIENT
from consent.question import Reason, told
from schemas.identifiers import PersonId
from schemas.records.payloads import StoryConfirmation
from schemas.records.published import KeptTo, categories_in
from schemas.vocabulary import Purpose
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.output import REFUSED, print_document, settings_from
from services.cli.profile.profiles import (
    SCHEMES_HELP,
    person_from_text,
    practitioner_from_text,
    speaking_for_somebody,
)
from services.people.practitioners.people import SignedInPractitioner
from services.portal.story.form import MAX_NAME, MAX_TEXT
from services.portal.story.form_words import readers_in_words
from services.profile.model import Profile, ProfileRefused, StoryCorrection, StoryView
from services.profile.reading import read_profile
from services.profile.story.reading import StoryReaders, readers_of_story
from services.profile.story.writing import (
    StoryOutcome,
    ToldStory,
    add_story,
    confirm_story,
    correct_story,
    keep_story,
)
from services.profile.viewing import reading_order
from services.work import UnitOfWork, unit_of_work
from services.workers.draining import working

# What is typed, and what it means.

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
            description=(
                f"{help_text[:1].upper()}{help_text[1:]}.\n\n  {example}\n\n{SCHEMES_HELP}"
            ),
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


# The story as a document and in plain lines.


def document_of(profile: Profile, readers: Sequence[StoryReaders]) -> dict[str, Any]:
    """The story as JSON: each entry with what was said of it later and who may read it."""
    pairs = zip(profile.story, readers, strict=True)
    return {
        "person": profile.child,
        "purpose": profile.purpose.value,
        "story": [_entry(view, may_read) for view, may_read in pairs],
    }


def text_of(profile: Profile, readers: Sequence[StoryReaders]) -> str:
    """The story, newest first."""
    pairs = zip(profile.story, readers, strict=True)
    lines = [line for view, may_read in pairs for line in _lines(view, may_read)]
    return "\n".join(lines) or "Nothing is written down that is shared with this practitioner."


def _entry(view: StoryView, readers: StoryReaders) -> dict[str, Any]:
    entry = view.entry
    return {
        "entry": view.key,
        "text": entry.text,
        "told_by": entry.told_by,
        "written_by": entry.written_by,
        "written_at": entry.written_at,
        "with_whom": entry.with_whom,
        "about": list(view.about),
        "corrects": entry.corrects,
        "corrected": [_said(c) | {"by_entry": c.key} for c in view.corrections],
        "confirmed": [_said(c) for c in view.confirmations],
        "kept_to": sorted(view.kept_to),
        "readers": {
            "agencies": [
                {
                    "agency": found.agency.value,
                    "purposes": [purpose.value for purpose in found.purposes],
                    "leads_only": found.leads_only,
                }
                for found in readers.agencies
            ],
            "practitioners": [
                {"id": found.colleague.id, "purposes": [p.value for p in found.purposes]}
                for found in readers.named
            ],
        },
    }


def _said(said: StoryCorrection | StoryConfirmation) -> dict[str, str]:
    return {
        "told_by": said.told_by,
        "written_by": said.written_by,
        "written_at": said.written_at,
    }


def _lines(view: StoryView, readers: StoryReaders) -> Iterator[str]:
    entry, words = view.entry, readers_in_words(readers, view.kept_to)
    yield f"{entry.written_at[:10]} {entry.told_by}, written down by {entry.written_by}"
    for correction in view.corrections:
        yield f"  corrected on {correction.written_at[:10]} by {correction.told_by}"
    for confirmation in view.confirmations[:1]:
        yield f"  confirmed on {confirmation.written_at[:10]} by {confirmation.told_by}"
    yield from (f"  {line}" for line in entry.text.splitlines())
    yield f"  may be read by: {'; '.join(words.lines) or 'nobody'}"
    yield f"  entry {view.key}"


_OUTCOMES = {
    StoryOutcome.WRITTEN: ("written", "Written down."),
    StoryOutcome.NOT_SHOWN: ("not-shown", "There is no such entry that may be read."),
    StoryOutcome.CORRECTED_BEFORE: ("corrected-before", "It was corrected before: read that."),
    StoryOutcome.WIDER_THAN_BEFORE: ("wider", "It can be kept to fewer people, never to more."),
}
Change = Callable[[argparse.Namespace, "_Asked"], ProfileRefused | StoryOutcome | None]


class _Asked:
    """What was asked, read before anything is done."""

    def __init__(self, args: argparse.Namespace, application: Application) -> None:
        outside = application.outside(DatabaseRole.PORTAL)
        self.purpose = Purpose(args.purpose)
        with unit_of_work(outside) as work:
            self.person = person_from_text(args.person, work)
            self.about = [person_from_text(text, work) for text in getattr(args, "about", ())]
            self.who = practitioner_from_text(args.practitioner, work)
        self._outside = outside

    @property
    def for_what(self) -> tuple[SignedInPractitioner, PersonId, Purpose]:
        """Who asks about whom for what."""
        return self.who, self.person, self.purpose

    def work(self) -> AbstractContextManager[UnitOfWork]:
        """One transaction."""
        return unit_of_work(self._outside)

    def read(self) -> Profile | ProfileRefused:
        """The family as they may see it; the look is recorded."""
        with self.work() as work:
            order = reading_order(self.who, self.person, self.purpose)
            return read_profile(order, reading=work.reading())


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `story`."""
    add_story_commands(
        commands,
        common,
        {
            "show": _show,
            "add": lambda args: _change(args, _add),
            "correct": lambda args: _change(args, _correct),
            "confirm": lambda args: _change(args, _confirm),
            "keep": lambda args: _change(args, _keep),
        },
    )


def _show(args: argparse.Namespace) -> int:
    with (
        opened(settings_from(args)) as application,
        speaking_for_somebody(application),
        working(application),
    ):
        asked = _Asked(args, application)
        profile = asked.read()
        if isinstance(profile, ProfileRefused):
            return _refused(args, profile.reasons)
        scopes = [view.scope for view in profile.story]
        with asked.work() as work:
            readers = readers_of_story(
                asked.who,
                asked.person,
                scopes,
                opening=work.opening(),
                colleagues=work.colleagues,
            )
        if isinstance(readers, ProfileRefused):
            return _refused(args, readers.reasons)
    document = document_of(profile, readers)
    print_document(args, document, plain=text_of(profile, readers))
    return 0


def _change(args: argparse.Namespace, change: Change) -> int:
    with (
        opened(settings_from(args)) as application,
        speaking_for_somebody(application),
        working(application),
    ):
        done = change(args, _Asked(args, application))
    if isinstance(done, ProfileRefused):
        return _refused(args, done.reasons)
    code, words = _OUTCOMES[done or StoryOutcome.WRITTEN]
    print_document(args, {"outcome": code}, plain=words)
    return 0 if code == "written" else REFUSED


def _add(args: argparse.Namespace, asked: _Asked) -> ProfileRefused | None:
    told = told_in(args, asked.about)
    with asked.work() as work:
        return add_story(asked.who, asked.person, told, writing=work.story_writing())


def _correct(args: argparse.Namespace, asked: _Asked) -> ProfileRefused | StoryOutcome:
    told = told_in(args, ())
    with asked.work() as work:
        return correct_story(*asked.for_what, args.entry, told, writing=work.story_writing())


def _confirm(args: argparse.Namespace, asked: _Asked) -> ProfileRefused | StoryOutcome:
    """Without entries, everything that stands and may be read."""
    entries = args.entries
    if not entries:
        profile = asked.read()
        if isinstance(profile, ProfileRefused):
            return profile
        entries = [view.key for view in profile.story if not view.corrections]
    with asked.work() as work:
        writing = work.story_writing()
        return confirm_story(*asked.for_what, entries, told_by=args.told_by, writing=writing)


def _keep(args: argparse.Namespace, asked: _Asked) -> ProfileRefused | StoryOutcome:
    marks = marks_of(args)
    with asked.work() as work:
        return keep_story(*asked.for_what, args.entry, marks, writing=work.story_writing())


def _refused(args: argparse.Namespace, why: tuple[Reason, ...]) -> int:
    reasons = told(why)
    document = {"refused": True, "reasons": [{"code": r.value, "text": r.label} for r in reasons]}
    words = " ".join(reason.label for reason in reasons)
    print_document(args, document, plain=f"Refused: {words}")
    return REFUSED
