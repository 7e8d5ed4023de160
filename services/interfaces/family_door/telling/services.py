"""What the pages of telling ask: each function within one transaction that holds its entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.identifiers import PersonId
from schemas.records.published import KeptTo
from schemas.vocabulary import Category, Source
from services.audit.reviews.postgres import FamilyQuestion
from services.audit.reviews.put_right import (
    AskedToPutRight,
    PutRight,
    WhatIsWrong,
    ask_to_put_right,
    asked_to_put_right,
)
from services.decisions.on_own_page import OwnYes, own_yeses
from services.interfaces.family_door.services import OnPage, enter_page, named, on_page
from services.people.family_access.letting_see.others import MayAct, who_may_act
from services.people.family_access.model import FamilySession
from services.people.family_access.reaching import Reached, reached_by
from services.profile.families.own_page.sharing import rows_about
from services.profile.story.own.postgres import PostgresOwnWords
from services.profile.story.own.telling import TOLD_AN_HOUR, OwnStory, OwnStoryEntry, OwnTelling
from services.profile.story.writing import StoryOutcome
from services.work import UnitOfWork

# Their story.


@dataclass(frozen=True, slots=True, repr=False)
class StoryPage:
    """What they said, and whose story it is; `read_by` are services that may read each's."""

    entries: Sequence[OwnStoryEntry]
    people: Sequence[OnPage]
    read_by: Mapping[PersonId, Sequence[Source]]


def own_story(
    session: FamilySession, work: UnitOfWork, *, reached: Sequence[Reached] | None = None
) -> OwnStory:
    """Their story, with what it is written with."""
    door = work.family_door()
    known = reached_by(session, door=door) if reached is None else reached
    words = PostgresOwnWords(work.connection, work.keys)
    return OwnStory(session, known, OwnTelling(door, words, work.story_writing()))


def show_story(session: FamilySession, work: UnitOfWork) -> StoryPage:
    """What they said, entered."""
    story = own_story(session, work)
    door = story.telling.door
    entries = story.entries
    enter_page("story", story.reached, len(entries), session, door)
    ones = door.clusters.all_of([session.person])
    read_by = {
        one.person: [r.service for r in rows_about(one, ones, door.at) if Category.STORY in r.can]
        for one in story.reached
    }
    people = [on_page(one, name) for one, name in named(story.reached, work)]
    return StoryPage(entries, people, read_by)


def add_to_story(session: FamilySession, about: PersonId, text: str, work: UnitOfWork) -> bool:
    """Add something about somebody whom they reach; false for anybody else, or too often."""
    story = own_story(session, work)
    one = next((each for each in story.reached if each.person == about), None)
    if one is None or not _is_within(session, work):
        return False
    story.add(one, text)
    return True


def correct_story(session: FamilySession, key: str, text: str, work: UnitOfWork) -> bool:
    """Put other words in the place of something they said."""
    if not _is_within(session, work):
        return False
    return own_story(session, work).correct(key, text) is StoryOutcome.WRITTEN


def confirm_story(session: FamilySession, key: str, work: UnitOfWork) -> bool:
    """Say that nothing has changed in it."""
    if not _is_within(session, work):
        return False
    return own_story(session, work).confirm(key) is StoryOutcome.WRITTEN


def keep_story(
    session: FamilySession, key: str, kept_to: frozenset[KeptTo], work: UnitOfWork
) -> bool:
    """Keep it to fewer; false where it would be more for anybody."""
    return own_story(session, work).keep(key, kept_to) is StoryOutcome.WRITTEN


def _is_within(session: FamilySession, work: UnitOfWork) -> bool:
    return work.limits.take("own-story", [session.access.id], TOLD_AN_HOUR)


# Putting something right, and who else can act.


@dataclass(frozen=True, slots=True, repr=False)
class ShownFact:
    """Something that their page shows of somebody, which may be wrong; `id` tells nothing."""

    id: str
    about: OnPage
    what: WhatIsWrong
    told_by: tuple[Source, ...] = ()
    choice: OwnYes | None = None


@dataclass(frozen=True, slots=True, repr=False)
class RightPage:
    """What may be put right, and what they asked before."""

    facts: Sequence[ShownFact]
    asked: Sequence[AskedToPutRight]


@dataclass(frozen=True, slots=True, repr=False)
class WhoActsFor:
    """Who may act for one child, as whoever looks may know."""

    one: OnPage
    who: Sequence[MayAct] = field(default_factory=tuple)
    fact: str = ""


def show_right(session: FamilySession, work: UnitOfWork) -> RightPage:
    """What may be put right, and what became of what they asked; entered."""
    door = work.family_door()
    reached = reached_by(session, door=door)
    facts = _facts(reached, work)
    asked = asked_to_put_right(door.clusters.all_of([session.person]), work=work)
    known = {one.person for one in reached}
    told = [one for one in asked if one.said.about in known]
    enter_page("right", reached, len(facts), session, door)
    return RightPage(facts, told)


def find_fact(session: FamilySession, fact: str, work: UnitOfWork) -> ShownFact | None:
    """One of those that their page shows now, entered."""
    door = work.family_door()
    reached = reached_by(session, door=door)
    found = next((one for one in _facts(reached, work) if one.id == fact), None)
    enter_page("right", reached, 0 if found is None else 1, session, door)
    return found


def put_right(session: FamilySession, fact: str, words: str, work: UnitOfWork) -> bool:
    """Ask that it be put right; false for what is not on their page, or too often."""
    found = find_fact(session, fact, work)
    if found is None:
        return False
    told_by = tuple(one.value for one in found.told_by)
    decision = None if found.choice is None else found.choice.decision.id
    asked = PutRight(found.about.person, found.what, words, told_by, decision)
    done = ask_to_put_right(asked, session.person, by=session.actor, work=work)
    return isinstance(done, FamilyQuestion)


def show_others(session: FamilySession, work: UnitOfWork) -> Sequence[WhoActsFor]:
    """Who may act for each child whom they reach, entered."""
    door = work.family_door()
    reached = reached_by(session, door=door)
    found = [
        WhoActsFor(
            on_page(one, name),
            who_may_act(one, reached, door=door),
            _id(WhatIsWrong.MAY_ACT, one.person, work),
        )
        for one, name in named(reached, work)
        if not one.is_oneself
    ]
    enter_page("others", reached, sum(len(one.who) for one in found), session, door)
    return found


def _facts(reached: Sequence[Reached], work: UnitOfWork) -> Sequence[ShownFact]:
    """What is shown of each whom they reach, in one order."""
    door = work.family_door()
    known = named(reached, work)
    facts = []
    for one, name in known:
        about = on_page(one, name)
        whats = [WhatIsWrong.SHARING, WhatIsWrong.OTHER]
        if not one.is_oneself:
            shown = () if name is None else (WhatIsWrong.NAME,)
            whats = [*shown, WhatIsWrong.MAY_ACT, *whats]
        facts += [
            ShownFact(
                _id(what, one.person, work),
                about,
                what,
                _told_by(one, reached, work) if what is WhatIsWrong.MAY_ACT else (),
            )
            for what in whats
        ]
    people = {one.person: on_page(one, name) for one, name in known}
    facts += [
        ShownFact(
            _id(WhatIsWrong.CHOICE, yes.decision.id, work),
            people[yes.about[0]],
            WhatIsWrong.CHOICE,
            choice=yes,
        )
        for yes in own_yeses(reached, door=door)
    ]
    return facts


def _told_by(one: Reached, reached: Sequence[Reached], work: UnitOfWork) -> tuple[Source, ...]:
    acting = who_may_act(one, reached, door=work.family_door())
    return tuple(each for each in Source if any(each in who.told_by for who in acting))


_ID_DIGITS = 32


def _id(what: WhatIsWrong, of: str, work: UnitOfWork) -> str:
    return work.hasher.opaque("put-right", what.value, of)[:_ID_DIGITS]
