"""Answers to questions, each response apart: what was asked twice has two answers, each dated.

Told are answers that have a code, an amount, a day, a yes or a no. What was written freely stays at
its source, as do answers about the household and whoever else is no subject of the message.
Source: FHIR STU3, QuestionnaireResponse; the questions of Digital Child Health (CareConnect, STU3).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from connectors.health_visiting.clinical.findings import Line
from connectors.health_visiting.clinical.values import answer_in_words, begun
from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import Node, child, children, date_time, value
from connectors.health_visiting.nems.statuses import caution_of, status_of
from connectors.health_visiting.nems.whose import stated

_KIND = "QuestionnaireResponse"
_DAYS = ("valueDateTime", "valueDate")
# social-context-household-1: of those around the child, not of the child.
_OF_THE_HOUSEHOLD = frozenset(
    {
        "mothersEducationLevel",
        "householdSmokingStatus",
        "substanceStatus",
        "householdSubstanceStatus",
        "householdAlcoholDrinkingStatus",
        "employmentStatusCareGiver1",
        "employmentStatusCareGiver2",
        "occupationCareGiver1",
        "occupationCareGiver2",
        "socialServicesSupport",
        "accommodationStatus",
    }
)


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """One answered question: its linkId, its words where they were sent, and the answer's."""

    link: str
    question: str | None
    words: str


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """One questionnaire as it was filled in once: what it is called, when, and the answers."""

    title: str | None
    when: str | None
    answers: tuple[Answer, ...]


def responses_of(message: NemsMessage) -> list[Response]:
    """The message's responses that are facts about whom it is about.

    Raises UnreadableMessageError for an answer that is a date which does not exist.
    """
    return [
        Response(
            title=value(child(response, "questionnaire"), "display"),
            when=value(response, "authored"),
            answers=tuple(_answers(message, response)),
        )
        for response in stated(message, _KIND)
    ]


def answers_in(message: NemsMessage, responses: Iterable[Node]) -> dict[str, str]:
    """The answers of these responses together, by the question's linkId.

    Several answers to one question stand behind one another. Raises UnreadableMessageError for a
    date that does not exist.
    """
    found: dict[str, str] = {}
    for response in responses:
        for answer in _answers(message, response):
            before = found.get(answer.link)
            found[answer.link] = f"{before}; {answer.words}" if before else answer.words
    return found


def answer_lines(responses: list[Response], *, besides: Collection[str] = ()) -> Iterator[Line]:
    """The answers under the words of their questions; those `besides` are told elsewhere."""
    for response in responses:
        title = f"{response.title}: " if response.title and len(responses) > 1 else ""
        for answer in response.answers:
            is_told = answer.link in besides or answer.link in _OF_THE_HOUSEHOLD
            if answer.question is not None and not is_told:
                yield Line(f"{title}{answer.question}", answer.words, response.when)


def _answers(message: NemsMessage, response: Node) -> Iterator[Answer]:
    caution = caution_of(status_of(_KIND, response, message.day)) or ""
    for item in _items(response):
        link, said = value(item, "linkId"), children(item, "answer")
        words = "; ".join(w for answer in said if (w := begun(_words(answer))))
        if link is not None and words:
            yield Answer(link, value(item, "text"), words + caution)


def _items(parent: Node) -> Iterator[Node]:
    for item in children(parent, "item"):
        yield item
        yield from _items(item)
        for answer in children(item, "answer"):
            yield from _items(answer)


def _words(answer: Node) -> str | None:
    for name in _DAYS:
        date_time(answer, name, field=f"QuestionnaireResponse.item.answer.{name}")
    return answer_in_words(answer)
