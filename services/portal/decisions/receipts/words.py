"""A consent receipt in words, for those who keep it on paper."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from consent.decisions.states import DecisionState
from consent.model import DeciderKind, Response
from schemas.identifiers import PersonId
from services.portal.decisions.receipts.languages import Words
from services.portal.decisions.receipts.paper import square
from services.portal.words.dates import uk_day_in_words
from services.portal.words.people import record_reference, telephone_link

_HEADINGS = {Response.GIVEN: "What you agreed"}
_DECIDED = "What you decided"
_TOLD = "What was decided"
_NOT_RECORDED = "Not recorded"
_FROM_THEN_ON = (
    "If you change your mind, they will not see it from then on.",
    "They may still know what they have read.",
    "It will not stop you from getting help.",
)


@dataclass(frozen=True, slots=True, repr=False)
class ReceiptPage:
    """What the page says: rows of label and words, who may see what, and what can be done."""

    heading: Markup
    way_out: tuple[Markup, ...]
    rows: tuple[tuple[Markup, Markup], ...]
    about: Markup
    information: tuple[tuple[Markup, Markup], ...]
    rights: tuple[Markup, ...]
    council: str
    reach: str | None
    receipt_id: str
    square: Markup
    is_secret: bool


def receipt_page(
    file: bytes, words: Words, *, person: PersonId | None = None, name: str | None = None
) -> ReceiptPage:
    """Make the page of an issued receipt; `name` is what the person may be called on it."""
    receipt: Mapping[str, Any] = json.loads(file)["receipt"]
    metadata, processing = receipt["receipt_metadata"], receipt["pii_processing"]
    council = receipt["party_identification"][0]
    recipients = _labels(processing["recipient_third_parties"], words)
    names: dict[str, str] = {} if person is None or name is None else {person: name}
    return ReceiptPage(
        heading=words.say(_heading(receipt)),
        way_out=tuple(_way_out(processing["withdrawal_method"], council, words)),
        rows=tuple(_rows(receipt, words, names)),
        about=words.say(_about(receipt)),
        information=tuple(
            (words.say(each["pii_type"]["label"]), recipients)
            for each in processing["pii_information"]
        ),
        rights=tuple(words.say(right["label"]) for right in processing["privacy_rights"]),
        council=council["party_name"],
        reach=council["party_contact"],
        receipt_id=metadata["receipt_id"],
        square=square(metadata["receipt_id"]),
        is_secret=bool(metadata["addressed_to"]["not_for"]),
    )


def _heading(receipt: Mapping[str, Any]) -> str:
    capacity = receipt["receipt_metadata"]["addressed_to"]["capacity"]["code"]
    if capacity not in set(DeciderKind):
        return _TOLD
    return _HEADINGS.get(Response(receipt["pii_processing"]["response"]["code"]), _DECIDED)


def _about(receipt: Mapping[str, Any]) -> str:
    response = receipt["pii_processing"]["response"]["code"]
    state = DecisionState(receipt["record_header"]["state"]["code"])
    is_permitted = response == Response.GIVEN and state.is_in_force
    return "Who can see what" if is_permitted else "What it is about"


def _way_out(way: Mapping[str, str], council: Mapping[str, Any], words: Words) -> Iterable[Markup]:
    """Which way out there is, what to do, and what comes of it; a sentence each."""
    yield words.say(way["label"]) + Markup(".")
    yield words.say("Tell anybody who works with you.")
    if contact := council["party_contact"]:
        is_number = telephone_link(contact) is not None
        yield (
            words.say("Ring {contact}.", contact=contact)
            if is_number
            else Markup("{}: {}.").format(council["party_name"], contact)
        )
    if way["code"] == "withdraw":
        yield from map(words.say, _FROM_THEN_ON)


_Row = tuple[Markup, Markup]


def _rows(receipt: Mapping[str, Any], words: Words, names: Mapping[str, str]) -> Iterable[_Row]:
    header, processing = receipt["record_header"], receipt["pii_processing"]
    say = words.say
    state = say(header["state"]["label"])
    is_english = words.language is None
    decision = Markup("{} ({})").format(
        say(processing["response"]["label"]), state.lower() if is_english else state
    )
    is_taken_back = header["state"]["code"] == DecisionState.WITHDRAWN
    about = [_child(child, words, names) for child in header["pii_principal_id"]]
    purposes = [each["purpose"] for each in processing["purposes"]]
    ground = processing["purposes"][0]["lawful_basis"]["article_6"]["label"]
    yield say("Decision"), decision
    yield say("Reference"), escape(record_reference(header["record_id"]))
    yield say("For"), Markup(", ").join(about)
    yield say("When"), _day(header["decided_at"]) or say(_NOT_RECORDED)
    yield say("How"), _label(processing["channel"], words)
    yield from _taken_back(header, words)
    yield (
        say("Was to end" if is_taken_back else "Ends"),
        _day(header["until"]) or say("When you change it"),
    )
    yield say("What for"), _labels(purposes, words)
    yield say("On what ground"), say(ground)


def _child(child: str, words: Words, names: Mapping[str, str]) -> Markup:
    record = words.say("Family record {number}", number=record_reference(PersonId(child)))
    return record if child not in names else Markup("{}, {}").format(names[child], record)


def _taken_back(header: Mapping[str, Any], words: Words) -> Iterable[_Row]:
    """Who took it back and how, where it was and this copy may say so.

    A receipt from before that was asked has no word of it.
    """
    if header["state"]["code"] != DecisionState.WITHDRAWN:
        return
    told = header.get("taken_back")
    if told is None:
        yield words.say("Taken back by"), words.say(_NOT_RECORDED)
    elif told["by"] is None:
        yield words.say("Taken back by"), words.say("Not told on this copy")
    else:
        yield words.say("Taken back by"), words.say(told["by"]["label"])
        yield words.say("How they said so"), _label(told["channel"], words)


def _labels(coded: Sequence[Mapping[str, str]], words: Words) -> Markup:
    return Markup(", ").join(words.say(each["label"]) for each in coded)


def _label(coded: Mapping[str, str] | None, words: Words) -> Markup:
    return words.say(_NOT_RECORDED if coded is None else coded["label"])


def _day(text: str | None) -> Markup | None:
    return None if text is None else escape(uk_day_in_words(datetime.fromisoformat(text)))
