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
from connectors.health_visiting.nems.nodes import Node, child, children, value
from connectors.health_visiting.nems.statuses import caution_of, status_of
from connectors.health_visiting.nems.whose import stated

_KIND = "QuestionnaireResponse"
# social-context-household-1: of those around the child, not of the child.
OF_THE_HOUSEHOLD = frozenset(
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
"""Questions about those around the child, whom no decision about the child is about."""


@dataclass(frozen=True, slots=True, repr=False)
class AnsweredQuestion:
    """One answered question by its linkId, read when it is told; `caution` stands behind it."""

    link: str
    item: Node
    caution: str

    @property
    def question(self) -> str | None:
        """The words of the question, where they were sent."""
        return value(self.item, "text")

    @property
    def words(self) -> str | None:
        """What was answered; several answers to one question stand behind one another."""
        said = (begun(answer_in_words(answer)) for answer in children(self.item, "answer"))
        return "; ".join(words + self.caution for words in said if words) or None


@dataclass(frozen=True, slots=True, repr=False)
class FilledQuestionnaire:
    """One questionnaire as it was filled in once: what it is called, when, and the answers."""

    title: str | None
    when: str | None
    answers: tuple[AnsweredQuestion, ...]


def responses_of(message: NemsMessage) -> list[FilledQuestionnaire]:
    """The message's responses that are facts about whom it is about."""
    return [
        FilledQuestionnaire(
            title=value(child(response, "questionnaire"), "display"),
            when=value(response, "authored"),
            answers=tuple(_answers(message, response)),
        )
        for response in stated(message, _KIND)
    ]


def answers_in(message: NemsMessage, responses: Iterable[Node]) -> dict[str, str]:
    """The answers of these responses together, by the question's linkId.

    Several answers to one question stand behind one another.
    """
    found: dict[str, str] = {}
    for response in responses:
        for answer in _answers(message, response):
            if (words := answer.words) is not None:
                before = found.get(answer.link)
                found[answer.link] = f"{before}; {words}" if before else words
    return found


def answer_lines(
    responses: list[FilledQuestionnaire],
    *,
    besides: Collection[str] = (),
    at_source: Collection[str] = OF_THE_HOUSEHOLD,
) -> Iterator[Line]:
    """The answers under the words of their questions.

    Those `besides` are told elsewhere, those `at_source` nowhere but there.
    """
    for response in responses:
        title = f"{response.title}: " if response.title and len(responses) > 1 else ""
        for answer in response.answers:
            is_told = answer.link in besides or answer.link in at_source
            question = None if is_told else answer.question
            words = None if question is None else answer.words
            if words is not None:
                yield Line(f"{title}{question}", words, response.when)


def kept_at_source(responses: list[FilledQuestionnaire], *, at_source: Collection[str]) -> int:
    """How many questions were answered in what has words here, and are not told."""
    answers = [answer for response in responses for answer in response.answers]
    untold = [one for one in answers if one.link in at_source or one.question is None]
    return sum(one.words is not None for one in untold)


def organisation_lines(message: NemsMessage) -> Iterator[Line]:
    """The answers that name an organisation of the message."""
    for response in responses_of(message):
        for answer in response.answers:
            for given in children(answer.item, "answer"):
                reference = child(given, "valueReference")
                found = message.resolve(reference)
                if answer.question is not None and message.is_of_type(found, "Organization"):
                    name = value(found, "name") or value(reference, "display")
                    yield Line(answer.question, name or "An organisation without a name here")


def _answers(message: NemsMessage, response: Node) -> Iterator[AnsweredQuestion]:
    caution = caution_of(status_of(_KIND, response, message.day)) or ""
    for item in items_of(response):
        if (link := value(item, "linkId")) is not None:
            yield AnsweredQuestion(link, item, caution)


def items_of(parent: Node) -> Iterator[Node]:
    """The items of a questionnaire response, those within others and answers too, in order."""
    for item in children(parent, "item"):
        yield item
        yield from items_of(item)
        for answer in children(item, "answer"):
            yield from items_of(answer)
