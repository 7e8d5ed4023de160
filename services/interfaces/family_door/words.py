"""The words of the family's own pages: short, and the same for everybody (reading age 9)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from consent.model import SharingDecision
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Role, Source
from services.audit.reviews.postgres import FamilyQuestion
from services.audit.reviews.questions import FamilyAnswer
from services.interfaces.family_door.services import ChoicesPage, OnPage
from services.people.family_access.ages import NextChange
from services.portal.words.dates import moment_in_words, uk_day_in_words
from services.profile.families.own_page.looks import ToldLook
from services.profile.families.own_page.sharing import RowSays, ServiceRow

HELD_BACK = (
    "Sometimes we look to keep a child safe. The law lets us wait before we show you those "
    "times. This is the same for every family."
)
_SERVICES: Mapping[Source, str] = {
    Source.HEALTH_VISITING: "Health visitor",
    Source.SCHOOLS: "School",
    Source.SOCIAL_CARE: "Social worker",
    Source.FAMILY_HUB: "Family hub",
    Source.COMMUNITY: "Service near you",
}
_PARTS: Mapping[Category, str] = {
    Category.IDENTITY_AND_CONTACT: "names and how to reach you",
    Category.FAMILY_AND_HOUSEHOLD: "who is in your family",
    Category.STORY: "your story",
    Category.COMMUNICATION_NEEDS: "how you like to talk",
    Category.PRACTITIONERS: "who works with you",
    Category.CHILD_HEALTH: "health checks",
    Category.EDUCATION: "school days",
    Category.EARLY_HELP: "help you get",
    Category.SOCIAL_CARE: "what social workers do",
    Category.SAFEGUARDING: "",
}
_SAID = {
    RowSays.YES: "Yes",
    RowSays.SOME: "Yes, some",
    RowSays.NO: "No",
    RowSays.LAW: "The law says so",
}
_ANSWERS: Mapping[str, str] = {
    FamilyAnswer.WAS_RIGHT: "We looked into it. It was right.",
    FamilyAnswer.WAS_WRONG: "We looked into it. It was wrong. Ring us to hear what comes next.",
    FamilyAnswer.CORRECTED: "We looked into it, and put it right.",
    FamilyAnswer.CANNOT_BE_TOLD: "We looked into it. We cannot tell you more here. Ring us.",
    FamilyAnswer.NOT_REACHED: "We tried to reach you. Please ring us.",
}
_EVERYBODY = "everyone who works with you"


@dataclass(frozen=True, slots=True)
class SharingLine:
    """One service on the first page."""

    service: str
    said: str
    kind: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LookedLine:
    """One look: who by service and role, when, what they saw, why they may."""

    id: str
    who: str
    when: str
    saw: str
    why: str


@dataclass(frozen=True, slots=True)
class ChoiceLine:
    """One yes of the reader's own."""

    decision: DecisionId
    who: str
    parts: str
    about: str
    since: str


def change_said(change: NextChange | None) -> str | None:
    """What comes next for a parent: the same to every parent of a child of that age."""
    if change is None:
        return None
    if change.hides_all:
        return (
            f"When a young person is {change.at}, this page is theirs. "
            "You do not see them here any more."
        )
    return (
        f"When a child is {change.at}, you see less here. "
        "Young people start to choose for themselves."
    )


def called(one: OnPage, number: int = 0) -> str:
    """How a page names somebody: "You", or a first name."""
    if one.is_oneself:
        return "You"
    return one.name or ("Your child" if number < 1 else f"Your child ({number + 1})")


def sharing_line(row: ServiceRow, *, is_own_part: bool = False) -> SharingLine:
    """Write one row; since when, and that they said no, only where it was the reader.

    Where only the reader's own part is told, what is not theirs is neither shared nor not shared.
    """
    kind, said = row.said, _SAID[row.said]
    if is_own_part and not row.can:
        sentences = ["You have not said yes here."]
        kind, said = RowSays.NO, "Not by you"
    else:
        sentences = [f"Can see: {_parts(row.can)}." if row.can else "Can see nothing."]
    if row.said is RowSays.SOME and not is_own_part:
        sentences.append(f"Cannot see: {_parts(row.cannot)}.")
    if row.since is not None:
        sentences.append(f"You said yes on {uk_day_in_words(row.since)}.")
    if row.said_no is not None:
        sentences.append(f"You said no on {uk_day_in_words(row.said_no)}.")
    if row.said is RowSays.LAW:
        sentences.append("You cannot turn this off here. You can ask us why.")
    return SharingLine(_SERVICES[row.service], said, kind, tuple(sentences))


def looked_line(told: ToldLook) -> LookedLine:
    """Write one look. Never a name, nor the name of a place."""
    look = told.look
    service = "The council" if look.service is None else _SERVICES[look.service]
    role = ", lead worker" if look.role == Role.LEAD_PRACTITIONER else ""
    saw = f"Saw: {_parts(look.categories)}." if look.permitted else "Saw: nothing. We said no."
    return LookedLine(
        look.id, f"{service}{role}", moment_in_words(look.at), saw, f"Why: {_why(told)}"
    )


def _why(told: ToldLook) -> str:
    if not told.look.permitted:
        return "they may not look."
    if told.because is not None:
        return f"you said yes on {uk_day_in_words(told.because.decided_at)}."
    return "they work with your family." if told.is_by_decision else "it is their own work."


def question_line(question: FamilyQuestion) -> str:
    """What became of something they asked."""
    if question.answer is not None:
        return _ANSWERS.get(question.answer, "We looked into it. Ring us to hear more.")
    return f"You asked us about a look. We will answer here by {uk_day_in_words(question.due_at)}."


def choice_lines(page: ChoicesPage) -> Sequence[ChoiceLine]:
    """Write each yes."""
    names = {one.person: called(one, n - 1) for n, one in enumerate(page.people)}
    return [
        ChoiceLine(
            yes.decision.id,
            _recipients(yes.decision),
            _parts(_in_order(yes.decision)),
            _about(yes.about, names.get),
            uk_day_in_words(yes.decision.decided_at),
        )
        for yes in page.yeses
    ]


def _about(persons: Sequence[PersonId], name: Callable[[PersonId], str | None]) -> str:
    return _listed([name(one) or "Your child" for one in persons])


def _recipients(decision: SharingDecision) -> str:
    kinds = {f"agency:{one.value}": word for one, word in _SERVICES.items()}
    named = sorted({kinds.get(one, "a worker you named") for one in decision.recipients})
    return _listed(named) if named else _EVERYBODY


def _in_order(decision: SharingDecision) -> tuple[Category, ...]:
    return tuple(one for one in Category if one in decision.categories)


def _parts(categories: Sequence[Category]) -> str:
    return _listed([_PARTS[one] for one in categories if _PARTS[one]]) or "nothing"


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)


parts_in_words, listed, SERVICES = _parts, _listed, _SERVICES
"""The same for the pages that have a room of their own."""
