"""Answers to questions that have a code; what was written freely stays at its source."""

from collections.abc import Iterator

from connectors.health_visiting.dates_in_words import day_in_words
from connectors.health_visiting.elements import child, children, date_time, plain_words, value
from connectors.health_visiting.message import NemsMessage
from connectors.health_visiting.nodes import Node

_YES_OR_NO = {"true": "Yes", "false": "No"}


def answers_in(message: NemsMessage) -> dict[str, str]:
    """The answers of the message's questionnaire responses in words, by the question's linkId.

    Several answers to one question stand behind one another. Raises UnreadableMessageError for a
    date that does not exist.
    """
    found: dict[str, str] = {}
    for response in message.of_type("QuestionnaireResponse"):
        for item in _items(response):
            link = value(item, "linkId")
            words = "; ".join(w for answer in children(item, "answer") if (w := _words(answer)))
            if link is not None and words:
                found[link] = f"{found[link]}; {words}" if link in found else words
    return found


def _items(parent: Node) -> Iterator[Node]:
    for item in children(parent, "item"):
        yield item
        yield from _items(item)


def _words(answer: Node) -> str | None:
    coding = child(answer, "valueCoding")
    words = value(coding, "display") or value(coding, "code")
    if words is not None:
        return plain_words(words)
    for name in ("valueDateTime", "valueDate"):
        day = date_time(answer, name, field=f"QuestionnaireResponse.item.answer.{name}")
        if day is not None:
            return day_in_words(day)
    return _YES_OR_NO.get(value(answer, "valueBoolean") or "")
