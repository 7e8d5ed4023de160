"""The words of telling: one's story, what is to be put right, who else can act (reading age 9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.vocabulary import Source
from services.audit.reviews.put_right import AskedToPutRight, WhatIsWrong
from services.audit.reviews.questions import FamilyAnswer
from services.interfaces.family_door.agreeing.words import names_on, recipients_in_words
from services.interfaces.family_door.services import OnPage
from services.interfaces.family_door.telling.services import ShownFact, StoryPage, WhoActsFor
from services.interfaces.family_door.words import SERVICES, called, listed, parts_in_words
from services.people.family_access.letting_see.others import MayAct
from services.portal.words.dates import uk_day_in_words
from services.profile.story.own.telling import OwnStoryEntry

_NOT_SHARED = "Only you can read this now. To let others read it, say yes to sharing your story."
_ANSWERS: Mapping[str, str] = {
    FamilyAnswer.WAS_RIGHT: "We looked into it. It is right. Ring us to hear why.",
    FamilyAnswer.WAS_WRONG: "We looked into it. It was wrong. Ring us to hear what comes next.",
    FamilyAnswer.CORRECTED: "We looked into it, and put it right.",
    FamilyAnswer.CANNOT_BE_TOLD: "We looked into it. We cannot tell you more here. Ring us.",
    FamilyAnswer.NOT_REACHED: "We tried to reach you. Please ring us.",
}
_FACTS = {
    WhatIsWrong.NAME: "What we call your child",
    WhatIsWrong.SHARING: "Who can see what",
    WhatIsWrong.CHOICE: "What you said yes to",
    WhatIsWrong.MAY_ACT: "Who can act",
    WhatIsWrong.OTHER: "Something else we hold",
}
_SOURCES = {
    Source.HEALTH_VISITING: "the health visitor",
    Source.SCHOOLS: "the school",
    Source.SOCIAL_CARE: "social workers",
    Source.FAMILY_HUB: "the family hub",
}


@dataclass(frozen=True, slots=True)
class OwnEntryLine:
    """One thing they said. What was corrected is struck through and stays."""

    key: str
    about: str
    text: str
    when: str
    is_corrected: bool
    is_by_hand: bool
    same_on: str | None
    kept_to: str | None


@dataclass(frozen=True, slots=True)
class FactLine:
    """Something that may be wrong, as a sentence, and as part of one."""

    id: str
    about: str
    words: str


@dataclass(frozen=True, slots=True)
class AskedRightLine:
    """Something they asked to be put right, and what became of it."""

    what: str
    words: str
    became: str


@dataclass(frozen=True, slots=True)
class ActingLine:
    """Somebody who may act, and how we know."""

    name: str
    known_from: str
    is_reader: bool


def entry_lines(page: StoryPage) -> Sequence[OwnEntryLine]:
    """Write each thing they said."""
    name = names_on(page.people)
    return [_entry_line(one, name(one.about)) for one in page.entries]


def _entry_line(one: OwnStoryEntry, about: str) -> OwnEntryLine:
    kept = [SERVICES[s] for s in Source if f"agency:{s.value}" in one.record.kept_to]
    return OwnEntryLine(
        one.key,
        about,
        one.said.text,
        _day(one.said.written_at),
        one.is_corrected,
        one.words is not None,
        None if one.confirmed_at is None else _day(one.confirmed_at),
        listed(kept) if one.record.kept_to else None,
    )


def readers_line(page: StoryPage) -> Sequence[tuple[str, str]]:
    """Whose story, and who may read it, by what the reader may know."""
    name = names_on(page.people)
    return [
        (name(one.person), listed([SERVICES[s] for s in page.read_by[one.person]]) or _NOT_SHARED)
        for one in page.people
    ]


def _day(text: str) -> str:
    return uk_day_in_words(datetime.fromisoformat(text))


def fact_line(fact: ShownFact) -> FactLine:
    """What may be wrong, in a sentence."""
    name = called(fact.about)
    return FactLine(fact.id, name, _fact_words(fact, name))


def _fact_words(fact: ShownFact, name: str) -> str:
    match fact.what:
        case WhatIsWrong.NAME:
            return f"We call your child {name}."
        case WhatIsWrong.SHARING:
            return f"Who can see what. About: {name}."
        case WhatIsWrong.MAY_ACT:
            return f"Who can act. About: {name}."
        case WhatIsWrong.CHOICE if fact.choice is not None:
            said = fact.choice.decision
            parts = parts_in_words(sorted(said.categories))
            return f"You said yes to: {recipients_in_words(said)}. They can see: {parts}."
        case WhatIsWrong.OTHER | WhatIsWrong.CHOICE:
            return f"Something else we hold. About: {name}."


def asked_right_lines(
    asked: Sequence[AskedToPutRight], people: Sequence[OnPage]
) -> Sequence[AskedRightLine]:
    """What they asked, the latest first."""
    name = names_on(people)
    return [
        AskedRightLine(
            f"{_FACTS[one.said.fact]}. About: {name(one.said.about)}.",
            one.said.words,
            _became(one),
        )
        for one in asked
    ]


def _became(one: AskedToPutRight) -> str:
    answer = one.question.answer
    if answer is None:
        return f"We look into it. We will answer here by {uk_day_in_words(one.question.due_at)}."
    return _ANSWERS.get(answer, "We looked into it. Ring us to hear more.")


def acting_lines(acting: WhoActsFor) -> Sequence[ActingLine]:
    """Who may act for one child: "You" first."""
    return [_acting_line(one) for one in acting.who]


def _acting_line(one: MayAct) -> ActingLine:
    told = listed([_SOURCES[each] for each in one.told_by])
    name = "You" if one.is_reader else (one.name or "Someone")
    return ActingLine(name, f"We know this from {told}.", one.is_reader)
