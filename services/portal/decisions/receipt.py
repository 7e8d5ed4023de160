"""A consent receipt in words, for those who keep it on paper."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consent.decisions.states import DecisionState
from consent.model import DeciderKind, Response
from services.portal.words.dates import uk_day_in_words
from services.portal.words.people import record_reference

_HEADINGS = {Response.GIVEN: "What you agreed"}
_DECIDED = "What you decided"
_TOLD = "What was decided"
_NOT_RECORDED = "Not recorded"


@dataclass(frozen=True, slots=True, repr=False)
class ReceiptPage:
    """What the page says: rows of label and words, who may see what, and what can be done."""

    heading: str
    way_out: str
    how_out: str
    rows: tuple[tuple[str, str], ...]
    about: str
    information: tuple[tuple[str, str], ...]
    rights: tuple[str, ...]
    council: str
    reach: str | None
    receipt_id: str
    is_secret: bool


def receipt_page(file: bytes) -> ReceiptPage:
    """Make the page of an issued receipt."""
    receipt: Mapping[str, Any] = json.loads(file)["receipt"]
    metadata, processing = receipt["receipt_metadata"], receipt["pii_processing"]
    way = processing["withdrawal_method"]
    council = receipt["party_identification"][0]
    recipients = ", ".join(each["label"] for each in processing["recipient_third_parties"])
    return ReceiptPage(
        heading=_heading(receipt),
        way_out=way["label"],
        how_out=way["how"],
        rows=_rows(receipt),
        about=_about(receipt),
        information=tuple(
            (each["pii_type"]["label"], recipients) for each in processing["pii_information"]
        ),
        rights=tuple(right["label"] for right in processing["privacy_rights"]),
        council=council["party_name"],
        reach=council["party_contact"],
        receipt_id=metadata["receipt_id"],
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


def _rows(receipt: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    header, processing = receipt["record_header"], receipt["pii_processing"]
    children = [f"Family record {record_reference(p)}" for p in header["pii_principal_id"]]
    ends = _day(header["until"]) or "When you change it"
    is_taken_back = header["state"]["code"] == DecisionState.WITHDRAWN
    return (
        ("Decision", f"{processing['response']['label']} ({header['state']['label'].lower()})"),
        ("Reference", record_reference(header["record_id"])),
        ("For", ", ".join(children)),
        ("When", _day(header["decided_at"]) or _NOT_RECORDED),
        ("How", _label(processing["channel"])),
        *_taken_back(header),
        ("Was to end" if is_taken_back else "Ends", ends),
        ("What for", _labels(each["purpose"] for each in processing["purposes"])),
        ("On what ground", processing["purposes"][0]["lawful_basis"]["article_6"]["label"]),
    )


def _taken_back(header: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Who took it back and how, where it was and this copy may say so.

    A receipt from before that was asked has no word of it.
    """
    if header["state"]["code"] != DecisionState.WITHDRAWN:
        return ()
    told = header.get("taken_back")
    if told is None:
        return (("Taken back by", _NOT_RECORDED),)
    if told["by"] is None:
        return (("Taken back by", "Not told on this copy"),)
    return (
        ("Taken back by", told["by"]["label"]),
        ("How they said so", _label(told["channel"])),
    )


def _labels(coded: Any) -> str:
    words: Sequence[str] = [each["label"] for each in coded]
    return ", ".join(words)


def _label(coded: Mapping[str, str] | None) -> str:
    return _NOT_RECORDED if coded is None else coded["label"]


def _day(text: str | None) -> str | None:
    return None if text is None else uk_day_in_words(datetime.fromisoformat(text))
