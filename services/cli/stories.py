"""`tell-once story`: what the family said, read and written down from a terminal."""

import argparse
from collections.abc import Callable
from typing import Any

from consent import Reason
from consent.errors import DecisionInvalidError
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Purpose
from services.adapters.portal_orders import reading_order
from services.adapters.portal_stories import StoriesOnDatabase
from services.adapters.unit_of_work import unit_of_work
from services.aggregation.profile import Profile, ProfileRefused
from services.aggregation.reading import read_profile
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.failing import REFUSED
from services.cli.options import print_document, settings_from
from services.cli.profiles import person_from_text
from services.cli.story_options import add_story_commands, marks_of, told_in
from services.cli.story_text import document_of, text_of
from services.portal.people import SignedInPractitioner
from services.portal.story_ports import StoryOutcome
from services.workers.draining import working

_OUTCOMES = {
    StoryOutcome.WRITTEN: ("written", "Written down."),
    StoryOutcome.NOT_SHOWN: ("not-shown", "There is no such entry that may be read."),
    StoryOutcome.CORRECTED_BEFORE: ("corrected-before", "It was corrected before: read that."),
    StoryOutcome.WIDER_THAN_BEFORE: ("wider", "It can be kept to fewer people, never to more."),
}
Change = Callable[[argparse.Namespace, "_Asked"], ProfileRefused | StoryOutcome | None]


class _Asked:
    """Who asks about whom for what, and what they may ask."""

    def __init__(self, args: argparse.Namespace, application: Application) -> None:
        outside = application.outside(DatabaseRole.PORTAL)
        self.services = StoriesOnDatabase(outside, demonstration=False)
        self.purpose = Purpose(args.purpose)
        with unit_of_work(outside) as work:
            who = work.directory.practitioner(PractitionerId(args.practitioner))
            self.person: PersonId = person_from_text(args.person, work)
            self.about = [person_from_text(text, work) for text in getattr(args, "about", ())]
        if who is None:
            raise DecisionInvalidError("as", "no such practitioner")
        self.who: SignedInPractitioner = who
        self._outside = outside

    def read(self) -> Profile | ProfileRefused:
        """The family as they may see it; the look is recorded."""
        with unit_of_work(self._outside) as work:
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
    with opened(settings_from(args)) as application, working(application):
        asked = _Asked(args, application)
        profile = asked.read()
        if isinstance(profile, ProfileRefused):
            return _refused(args, profile.reasons)
        scopes = [view.scope for view in profile.story]
        readers = asked.services.story_readers(asked.who, asked.person, scopes)
        if isinstance(readers, ProfileRefused):
            return _refused(args, readers.reasons)
    document = document_of(profile, readers)
    print_document(args, document, plain=text_of(profile, readers))
    return 0


def _change(args: argparse.Namespace, change: Change) -> int:
    with opened(settings_from(args)) as application, working(application):
        done = change(args, _Asked(args, application))
    if isinstance(done, ProfileRefused):
        return _refused(args, done.reasons)
    code, words = _OUTCOMES[done or StoryOutcome.WRITTEN]
    print_document(args, {"outcome": code}, plain=words)
    return 0 if code == "written" else REFUSED


def _add(args: argparse.Namespace, asked: _Asked) -> ProfileRefused | None:
    told = told_in(args, asked.about)
    return asked.services.add_story(asked.who, asked.person, told)


def _correct(args: argparse.Namespace, asked: _Asked) -> ProfileRefused | StoryOutcome:
    told = told_in(args, ())
    return asked.services.correct_story(asked.who, asked.person, asked.purpose, args.entry, told)


def _confirm(args: argparse.Namespace, asked: _Asked) -> ProfileRefused | StoryOutcome:
    """Without entries, everything that stands and may be read."""
    entries = args.entries
    if not entries:
        profile = asked.read()
        if isinstance(profile, ProfileRefused):
            return profile
        entries = [view.key for view in profile.story if not view.corrections]
    return asked.services.confirm_story(
        asked.who, asked.person, asked.purpose, entries, told_by=args.told_by
    )


def _keep(args: argparse.Namespace, asked: _Asked) -> ProfileRefused | StoryOutcome:
    return asked.services.keep_story(
        asked.who, asked.person, asked.purpose, args.entry, marks_of(args)
    )


def _refused(args: argparse.Namespace, reasons: tuple[Reason, ...]) -> int:
    document = {"refused": True, "reasons": [{"code": r.value, "text": r.label} for r in reasons]}
    words = " ".join(reason.label for reason in reasons)
    print_document(args, document, plain=f"Refused: {words}")
    return REFUSED
