"""What each reason for parking a message means, and what somebody can do about it.

A test finds every reason that a connector gives and looks for it here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from schemas.vocabulary import LabelledCode


class WhoMends(LabelledCode):
    """Whose turn it is."""

    SOURCE = "source", "Ask the source"
    STEWARD = "steward", "Decide whose it is, or ask the source"
    OPERATOR = "operator", "Tell whoever looks after this service"


@dataclass(frozen=True, slots=True)
class ParkedRemedy:
    """What is wrong, and what to do; `who` is whose turn it is."""

    who: WhoMends
    wrong: str
    todo: str


_AGAIN = "Ask the source to put it right and to send it again; then discard this one."
_MEND = "If the sender's system is known to be right, the reader has to be mended: then replay it."
_WHOLE_FILE = "Ask whoever sent the file to export it again; nothing after that place was read."


def _source(wrong: str, todo: str = _AGAIN) -> ParkedRemedy:
    return ParkedRemedy(WhoMends.SOURCE, wrong, todo)


def _operator(wrong: str, todo: str) -> ParkedRemedy:
    return ParkedRemedy(WhoMends.OPERATOR, wrong, todo)


_BY_REASON: Mapping[str, ParkedRemedy] = MappingProxyType(
    {
        "another-authority": _source("It names another authority than the one that sends it."),
        "cannot-be-read": _operator(
            "The file is there and cannot be opened.",
            "See whose it is and that this service may read it, and that the disk is sound.",
        ),
        "check-digit": _source("The number is wrong: its check digit does not agree."),
        "contradicts": _source("Two things in it contradict each other."),
        "doctype-forbidden": _source(
            "It has a DOCTYPE, which is never read: it could reach other files.",
        ),
        "duplicate": _source("Two parts of it have one name."),
        "duplicate-id": _source("Two parts of it have one id."),
        "duplicate-key": _source("One name stands in it twice."),
        "empty": _source("There is nothing in it.", _WHOLE_FILE),
        "encoding-not-read": _source(
            "It is written in an encoding that is not read, or does not say in which.",
            "Ask whoever sent it to export it in UTF-8.",
        ),
        "encoding-unclear": _source(
            "It cannot be told in which encoding a line with accents was saved.",
            "Ask the school to save the list as “CSV UTF-8” or a workbook, and to send it again.",
        ),
        "failed": _operator(
            "It could not be taken for a reason that is not in the message.",
            "It is tried again by itself. The log names the failure; see disk and database.",
        ),
        "gone": _operator(
            "The mailbox has listed it and does not have it any more.",
            "Ask MESH's service desk, or the source to send it again.",
        ),
        "incomplete": _source("A part of it is missing."),
        "missing": _source("Something is missing without which it cannot be read.", _AGAIN),
        "no-answer": _operator(
            "The mailbox does not give this message.",
            "It stays there and is tried again by itself. If it goes on, ask MESH's service desk.",
        ),
        "no-known-column": _source(
            "No column of the file is one that is known.",
            "Ask the school for the export with the columns that the runbook names.",
        ),
        "not-a-boolean": _source("Something that is yes or no is neither."),
        "not-a-code": _source("Something that is a code is none."),
        "not-a-date": _source("A date is not one."),
        "not-a-list": _source("Something that is a list is none."),
        "not-a-message": _source("It is no message."),
        "not-a-number": _source("Something that is a number is none."),
        "not-a-postcode": _source("A postcode is none."),
        "not-a-telephone-number": _source("A telephone number is too short to be one."),
        "not-a-upn": _source("A unique pupil number is not a letter and twelve characters."),
        "not-a-workbook": _source("It is no Excel workbook, or a broken one.", _WHOLE_FILE),
        "not-a-year": _source("A year is not one."),
        "not-an-email-address": _source("An e-mail address is none."),
        "not-an-instant": _source("A moment is not one: a date, a time and a zone."),
        "not-an-object": _source("Something that has parts has none."),
        "not-children-in-need": _source(
            "It is a census, but not that of children in need.",
            "Only the children in need census is read; there is nothing to do.",
        ),
        "not-decodable": _source("It was compressed and cannot be opened."),
        "not-fhir": _source("It has not the form of a FHIR message."),
        "not-found": _source("It refers to a part that is not in it."),
        "not-in-its-encoding": _source(
            "It is not written in the encoding that it names.", _WHOLE_FILE
        ),
        "not-json": _source("It is not JSON.", _WHOLE_FILE),
        "not-ten-digits": _source("An NHS number has not ten digits."),
        "not-text": _source("Something that is text is not."),
        "not-utf-8": _source("It is not written in UTF-8.", _WHOLE_FILE),
        "not-xml": _source("It is not XML, or breaks off.", _WHOLE_FILE),
        "not-verified": _source("The only number in it is a temporary one, or fails its check."),
        "old-workbook": _source(
            "It is a workbook of the old form (.xls), or it has a password.",
            "Ask the school to save it as .xlsx without a password, or as “CSV UTF-8”.",
        ),
        "redacted": _source(
            "The register has withdrawn this record: it is not to be used.",
            "Ask the register for the child's present number. Somebody may be protected by it.",
        ),
        "refused": _operator(
            "The mailbox refuses to give this message.",
            "It stays there. Ask MESH's service desk.",
        ),
        "several-lists": _source(
            "More than one sheet of the workbook is a list.",
            "Ask the school to save each sheet as a file of its own, or all pupils in one sheet.",
        ),
        "replaced": _source(
            "Another record stands in its place: nothing of this one is to be used.",
            "Ask the source for the record of the other number; then discard this one.",
        ),
        "several-values": _source("It says several things where there can be one."),
        "shared-by-two": _source("Two people in it have one number."),
        "too-deep": _operator("Its parts lie too deep in each other.", _MEND),
        "too-large": _operator(
            "It is larger than anything that is read (README, limits on input).",
            "Ask the source to send less at a time.",
        ),
        "too-long": _operator("Something in it is longer than anything that is read.", _MEND),
        "too-many": _operator("It is about more people than a family has.", _MEND),
        "too-many-cells": _source(
            "A row has more cells than there are columns: a comma without quotes, mostly.",
        ),
        "too-many-elements": _operator("It has more parts than anything that is read.", _MEND),
        "too-many-rows": _operator("It has more rows than are read.", _MEND),
        "unexpected-type": _source("It is about another kind of thing than its event says."),
        "unknown": _operator(
            "It says something that this service has no word for.",
            "Tell whoever looks after this service what was sent; once it is read, replay it.",
        ),
        "wrong-root": _source("It is no file of this kind.", "See that it is the right file."),
    }
)
_ASK_WHICH = (
    "Ask the source which is right. If it is about the child whom its number names, accept it, and "
    "another data steward has to say so too: what was found is shown, and neither date is learnt."
)
# What the specification of event messages wants of each.
_OF_THE_ENVELOPE: Mapping[tuple[str, str], ParkedRemedy] = MappingProxyType(
    {
        ("MessageHeader.focus", "not-found"): _source(
            "Its header does not say what it is about: the focus has to refer to an entry of the "
            "bundle, and several could be meant.",
        ),
        ("MessageHeader.focus", "unexpected-type"): _source(
            "Its header says that it is about another kind of thing than its event: mostly that "
            "has to be the Encounter.",
        ),
        ("focus.identifier", "missing"): _source(
            "It replaces or takes back something and does not say what: what it is about has to "
            "have the identifier under which it was sent before.",
        ),
        ("MessageHeader.extension[messageEventType]", "missing"): _source(
            "It does not say whether it is new, an update or a deletion, which every event message "
            "has to.",
        ),
        ("MessageHeader.extension[messageEventType]", "several-values"): _source(
            "It says at once that it is new, an update or a deletion; one of them is wanted.",
        ),
        ("MessageHeader.meta.lastUpdated", "missing"): _source(
            "It does not say in which order it comes: an event of the register has to have the "
            "time at which it was last updated, with its zone.",
        ),
        ("MessageHeader.timestamp", "missing"): _source(
            "It does not say when it was published: a time with its zone is wanted.",
        ),
        ("Bundle.entry.fullUrl", "duplicate"): _source(
            "Two entries have one address, and something refers to it: each has to have its own.",
        ),
    }
)
_BY_FIELD: Mapping[tuple[str, str], ParkedRemedy] = MappingProxyType(
    {
        ("Patient.birthDate", "contradicts:MessageHeader.birthDateTime"): ParkedRemedy(
            WhoMends.STEWARD,
            "The child's own date of birth in it is another than that by which it was sent.",
            _ASK_WHICH,
        ),
        ("subject", "contradicts:date-of-birth"): ParkedRemedy(
            WhoMends.STEWARD,
            "The number in it is that of somebody who was born on another day, as other sources "
            "say.",
            _ASK_WHICH,
        ),
        ("subject", "contradicts:other-identifier"): _source(
            "Its numbers belong to two different people here.",
            "If they are one person, say so among the people who may be one, and replay it. "
            "Otherwise ask the source which number is right.",
        ),
        (
            "Patient.identifier[nhs-number]",
            "contradicts:MessageHeader.routing.nhsNumber",
        ): _source(
            "It was sent by another NHS number than the one that it is about.",
            "Ask the source which is right: nobody here can say whose it is.",
        ),
        **_OF_THE_ENVELOPE,
        ("mailbox.workflow", "unknown"): _operator(
            "It came by a MESH workflow that is not read.",
            "If it should be, tell whoever looks after this service; replay reads it all the same.",
        ),
    }
)
_OTHERWISE = _operator(
    "It cannot be read for a reason that has no words here yet.",
    "Tell whoever looks after this service its field and reason.",
)


def remedy_for(field: str, reason: str) -> ParkedRemedy:
    """What a reason means and what to do about it, the field considered where it matters."""
    known = _BY_FIELD.get((field, reason)) or _BY_REASON.get(code_of(reason))
    return known or _OTHERWISE


def has_words(reason: str) -> bool:
    """Whether there are words for this reason, whatever the field."""
    return code_of(reason) in _BY_REASON


def code_of(reason: str) -> str:
    """The reason without the field, the error or the person that it points to."""
    return reason.partition(":")[0]


_PLEASE = (
    "Please put it right at its source and send it again. Do not answer with names, dates or "
    "numbers of people."
)


def question_to_source(
    *, event: str | None, message_id: str | None, origin: str | None, field: str, reason: str
) -> str:
    """What to send to whoever sent it: which message, where and what; no name and no value."""
    known = {
        "Event": event,
        "Message id": message_id,
        "File or mailbox message": origin,
        "Field": field,
        "Reason": reason,
    }
    lines = [f"{name}: {value}" for name, value in known.items() if value]
    asked = remedy_for(field, reason)
    return "\n".join(
        (
            "A message from your system could not be used by Tell Once.",
            *lines,
            f"What that means: {asked.wrong}",
            _PLEASE,
        )
    )
