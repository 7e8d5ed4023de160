"""What the pages of saying yes ask: each function within one transaction that holds its entries."""

from collections.abc import Sequence
from dataclasses import dataclass

from consent.decisions.keeping import Recorded
from consent.model import Response, SharingDecision
from schemas.identifiers import DecisionId, PractitionerId
from schemas.vocabulary import Category, Source
from services.decisions.saying_on_own_page import (
    AskedOf,
    NewWord,
    asked_of,
    confirm_asked,
    refuse_asked,
    say,
)
from services.interfaces.family_door.services import OnPage, enter_page, named, on_page
from services.interfaces.family_door.telling.services import own_story
from services.people.family_access.model import FamilySession
from services.people.family_access.reaching import Reached, reached_by
from services.people.family_access.signing_in import type_to_decide
from services.people.family_access.speaking import may_say, speaks_as
from services.work import UnitOfWork

_PRACTITIONER = "practitioner:"


@dataclass(frozen=True, slots=True, repr=False)
class AskedPage:
    """What waits for an answer, by whom each was asked, and who is on the page."""

    asked: Sequence[AskedOf]
    by: Sequence[Source | None]
    people: Sequence[OnPage]


@dataclass(frozen=True, slots=True, repr=False)
class MaySpeakFor:
    """Somebody about whom the reader may say something; only a no where `says_no_only`."""

    one: OnPage
    says_no_only: bool


@dataclass(frozen=True, slots=True)
class SaidOnPage:
    """What was recorded; it waits where somebody has to look at it first."""

    decision: SharingDecision
    is_waiting: bool


def waiting_for(session: FamilySession, work: UnitOfWork) -> AskedPage:
    """What is asked of them, as their first page tells it."""
    return _asked_page(reached_by(session, door=work.family_door()), work)


def show_asked(session: FamilySession, work: UnitOfWork) -> AskedPage:
    """The same as a page of its own, which is entered."""
    door = work.family_door()
    reached = reached_by(session, door=door)
    page = _asked_page(reached, work)
    enter_page("asked", reached, len(page.asked), session, door)
    return page


def answer_asked(
    session: FamilySession, decision: DecisionId, response: Response, code: str, work: UnitOfWork
) -> SaidOnPage | None:
    """Answer it, by a new code; None where the code is not right or it does not wait for them."""
    door = work.family_door()
    if not type_to_decide(session, code, door=door):
        return None
    reached = reached_by(session, door=door)
    do = confirm_asked if response is Response.GIVEN else refuse_asked
    done = do(decision, session, reached, door=door, deciding=work.deciding())
    return _said(done, session, reached, work)


def may_speak_for(session: FamilySession, work: UnitOfWork) -> Sequence[MaySpeakFor]:
    """About whom they may say something new, entered: it shows their names."""
    door = work.family_door()
    reached = reached_by(session, door=door)
    names = {one.person: name for one, name in named(reached, work)}
    voices = [(one, speaks_as(one, reached, door=door)) for one in reached]
    enter_page("new", reached, len(voices), session, door)
    return [
        MaySpeakFor(on_page(one, names[one.person]), not may_say(Response.GIVEN, by))
        for one, by in voices
        if by is not None
    ]


def say_new(
    session: FamilySession, word: NewWord, code: str, work: UnitOfWork
) -> SaidOnPage | None:
    """Say something of their own accord, by a new code; None as for `answer_asked`."""
    door = work.family_door()
    if not type_to_decide(session, code, door=door):
        return None
    reached = reached_by(session, door=door)
    done = say(word, session, reached, door=door, deciding=work.deciding())
    return _said(done, session, reached, work)


def _asked_page(reached: Sequence[Reached], work: UnitOfWork) -> AskedPage:
    door = work.family_door()
    asked = asked_of(reached, door=door, deciding=work.deciding())
    people = [on_page(one, name) for one, name in named(reached, work)] if asked else []
    return AskedPage(asked, [_asked_by(one, work) for one in asked], people)


def _asked_by(asked: AskedOf, work: UnitOfWork) -> Source | None:
    by = asked.proposal.asked_by
    if not by.startswith(_PRACTITIONER):
        return None
    return work.directory.agency_kind_of(PractitionerId(by.removeprefix(_PRACTITIONER)))


def _said(
    done: Recorded | None, session: FamilySession, reached: Sequence[Reached], work: UnitOfWork
) -> SaidOnPage | None:
    """What came of it; what they had written of their story before goes with a yes to it."""
    if done is None:
        return None
    said = done.decision
    if said.response is Response.GIVEN and Category.STORY in said.categories and not done.waiting:
        story = own_story(session, work, reached=reached)
        for person in sorted(said.subjects):
            story.offer_again(person)
    return SaidOnPage(said, done.waiting is not None)
