"""The words of the family's own pages: short, and the same for everybody (reading age 9)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from consent.model import SharingDecision
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Category, Role, Source
from services.audit.reviews.postgres import FamilyQuestion
from services.audit.reviews.questions import FamilyAnswer
from services.interfaces.family_door.languages.speaking import Phrase, PhraseList
from services.interfaces.family_door.services import ChoicesPage, OnPage
from services.people.family_access.ages import NextChange
from services.portal.words.dates import moment_in_words, uk_day_in_words
from services.profile.families.own_page.looks import ToldLook
from services.profile.families.own_page.sharing import RowSays, ServiceRow

HELD_BACK = (
    "Sometimes we look to keep a child safe. The law lets us wait before we show you those "
    "times. This is the same for every family."
)
SERVICES: Mapping[Source, str] = {
    Source.HEALTH_VISITING: "Health visitor",
    Source.SCHOOLS: "School",
    Source.SOCIAL_CARE: "Social worker",
    Source.FAMILY_HUB: "Family hub",
    Source.COMMUNITY: "Service near you",
}
PARTS: Mapping[Category, str] = {
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
        return Phrase("You")
    if one.name or number < 1:
        return one.name or Phrase("Your child")
    return Phrase("Your child ({number})", number=str(number + 1))


def sharing_line(row: ServiceRow, *, is_own_part: bool = False) -> SharingLine:
    """Write one row; since when, and that they said no, only where it was the reader.

    Where only the reader's own part is told, what is not theirs is neither shared nor not shared.
    """
    kind, said = row.said, _SAID[row.said]
    if is_own_part and not row.can:
        sentences = [Phrase("You have not said yes here.")]
        kind, said = RowSays.NO, "Not by you"
    elif row.can:
        sentences = [Phrase("Can see: {parts}.", parts=parts_listed(row.can))]
    else:
        sentences = [Phrase("Can see nothing.")]
    if row.said is RowSays.SOME and not is_own_part:
        sentences.append(Phrase("Cannot see: {parts}.", parts=parts_listed(row.cannot)))
    if row.since is not None:
        sentences.append(Phrase("You said yes on {day}.", day=uk_day_in_words(row.since)))
    if row.said_no is not None:
        sentences.append(Phrase("You said no on {day}.", day=uk_day_in_words(row.said_no)))
    if row.said is RowSays.LAW:
        sentences.append(Phrase("You cannot turn this off here. You can ask us why."))
    return SharingLine(SERVICES[row.service], Phrase(said), kind, tuple(sentences))


def looked_line(told: ToldLook) -> LookedLine:
    """Write one look. Never a name, nor the name of a place."""
    look = told.look
    service = "The council" if look.service is None else SERVICES[look.service]
    who = Phrase("{service}, lead worker", service=Phrase(service))
    if look.role != Role.LEAD_PRACTITIONER:
        who = Phrase(service)
    saw = Phrase("Saw: nothing. We said no.")
    if look.permitted:
        saw = Phrase("Saw: {parts}.", parts=parts_listed(look.categories))
    return LookedLine(look.id, who, moment_in_words(look.at), saw, why_told(told))


def why_told(told: ToldLook) -> str:
    """Why a look was allowed, or that it was not."""
    if not told.look.permitted:
        return Phrase("Why: they may not look.")
    if told.is_held:
        return Phrase("Why: to keep a child safe. We have checked it since.")
    if told.because is not None:
        day = uk_day_in_words(told.because.decided_at)
        return Phrase("Why: you said yes on {day}.", day=day)
    if told.is_by_decision:
        return Phrase("Why: they work with your family.")
    return Phrase("Why: it is their own work.")


def question_line(question: FamilyQuestion) -> str:
    """What became of something they asked."""
    if question.answer is not None:
        return Phrase(_ANSWERS.get(question.answer, "We looked into it. Ring us to hear more."))
    return Phrase(
        "You asked us about a look. We will answer here by {day}.",
        day=uk_day_in_words(question.due_at),
    )


def choice_lines(page: ChoicesPage) -> Sequence[ChoiceLine]:
    """Write each yes."""
    names = {one.person: called(one, n - 1) for n, one in enumerate(page.people)}
    return [
        ChoiceLine(
            yes.decision.id,
            _recipients(yes.decision),
            parts_listed(_in_order(yes.decision)),
            _about(yes.about, names.get),
            uk_day_in_words(yes.decision.decided_at),
        )
        for yes in page.yeses
    ]


def _about(persons: Sequence[PersonId], name: Callable[[PersonId], str | None]) -> str:
    return PhraseList([name(one) or Phrase("Your child") for one in persons])


def _recipients(decision: SharingDecision) -> str:
    kinds = {f"agency:{one.value}": word for one, word in SERVICES.items()}
    named = sorted({kinds.get(one) or _one_named(one) for one in decision.recipients})
    return PhraseList([Phrase(one) for one in named]) if named else Phrase(_EVERYBODY)


def _one_named(recipient: str) -> str:
    is_service = recipient.startswith("service:")
    return "a service you asked for help" if is_service else "a worker you named"


def _in_order(decision: SharingDecision) -> tuple[Category, ...]:
    return tuple(one for one in Category if one in decision.categories)


def parts_listed(categories: Sequence[Category]) -> str:
    """What of somebody's page, in plain words."""
    found = [Phrase(PARTS[one]) for one in categories if PARTS[one]]
    return PhraseList(found) if found else Phrase("nothing")


def parts_in_words(categories: Sequence[Category]) -> str:
    """The same as one text, for pages that have no other language yet."""
    return listed([PARTS[one] for one in categories if PARTS[one]]) or "nothing"


def listed(words: Sequence[str]) -> str:
    """Words after one another."""
    return ", ".join(words)


def parts_of_words() -> Sequence[str]:
    """What is put into sentences here, for translators' lists."""
    told = (*SERVICES.values(), *PARTS.values(), *_SAID.values(), *_ANSWERS.values())
    return [one for one in (*told, HELD_BACK, _EVERYBODY) if one]
