"""A sharing decision as a consent receipt, in the fields of ISO/IEC TS 27560:2023.

The sections are the standard's: receipt metadata (6.4.5), record header (6.3.3), PII processing
(6.3.4, 6.3.5), party identification (6.3.6), events (6.3.7). Two things are said otherwise than
there. `pii_principal_id` is a list, because one decision may be about several children. What holds
for every purpose stands once beside `purposes` and not in each. Whoever it is about is told by
opaque id only: who holds the receipt knows who they are, and who finds it does not learn it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, assert_never

from consent.circumstances import CompetenceJudgement
from consent.decisions.states import state_of
from consent.lawfulness import ARTICLE_6, SPECIAL_CATEGORIES, Basis
from consent.ledger import LedgerEntry
from consent.model import SAYS_NO_ONLY, DeciderKind, Response, SharingDecision
from consent.receipts.parties import (
    AUTHORITY,
    COUNCIL,
    Council,
    SharingAgency,
    coded,
    parties_of,
    partners_in,
    recipients_of,
)
from consent.receipts.proof import as_text, event_of
from schemas.vocabulary import LabelledCode

# What the people it is about can do, which depends on the ground that the decision rests on.


class Right(LabelledCode):
    """A right of a data subject (UK GDPR Art. 15 to 21 and 77)."""

    ACCESS = "art-15", "See what is held about you"
    RECTIFICATION = "art-16", "Have what is wrong put right"
    ERASURE = "art-17", "Have it deleted"
    RESTRICTION = "art-18", "Have its use limited"
    PORTABILITY = "art-20", "Have it given to you to take elsewhere"
    OBJECTION = "art-21", "Object"
    COMPLAINT = "art-77", "Complain to the Information Commissioner"


class WayOut(LabelledCode):
    """How somebody gets out of a decision, or why not (UK GDPR Art. 7(3), 21, 6(3))."""

    WITHDRAW = "withdraw", "You can change your mind at any time"
    OBJECT = "object", "This does not rest on your agreement. You can object to it at any time"
    CHANGE = "change", "You can change your decision at any time"
    ASK = "ask", "The law demands this. You can ask for it to be looked at again"


_ALWAYS = (Right.ACCESS, Right.RECTIFICATION, Right.RESTRICTION, Right.COMPLAINT)
_TELL = "Tell any worker"
_FROM_THEN_ON = "What was seen before stays seen; from then on nobody sees it."


def rights_under(basis: Basis) -> list[Right]:
    """The rights that there are under this ground, in the order of their articles."""
    more: tuple[Right, ...]
    match basis:
        case Basis.CONSENT:
            more = (Right.ERASURE, Right.PORTABILITY)
        case Basis.PUBLIC_TASK:
            more = (Right.OBJECTION,)
        case Basis.LEGAL_OBLIGATION | Basis.VITAL_INTERESTS:
            more = ()
        case _:
            assert_never(basis)
    return sorted((*_ALWAYS, *more), key=lambda right: int(right.value.rpartition("-")[2]))


def withdrawal_method(decision: SharingDecision, council: Council) -> dict[str, str]:
    """`withdrawal_method`: which way out there is, and what to do."""
    way = _way_out(decision)
    reach = f"{_TELL}, or {council.name}: {council.contact}." if council.contact else f"{_TELL}."
    after = f" {_FROM_THEN_ON}" if way is WayOut.WITHDRAW else ""
    return {"code": way.value, "label": way.label, "how": reach + after}


def _way_out(decision: SharingDecision) -> WayOut:
    if decision.response is not Response.GIVEN:
        return WayOut.CHANGE
    match decision.basis:
        case Basis.CONSENT:
            return WayOut.WITHDRAW
        case Basis.PUBLIC_TASK:
            return WayOut.OBJECT
        case Basis.LEGAL_OBLIGATION | Basis.VITAL_INTERESTS:
            return WayOut.ASK
        case _:
            assert_never(decision.basis)


SCHEMA_VERSION = "urn:tell-once:schema:consent-receipt:1"
STANDARD = "ISO/IEC TS 27560:2023"
LANGUAGE = "en-GB"
JURISDICTION = "GB-ENG"

_RETENTION = (
    "The shared profile keeps it until this decision ends, is withdrawn or replaced, and no other"
    " lets it be kept; it is then deleted. Each agency keeps its own records as it did before. That"
    " this was decided, and who looked, stays in the ledger, which holds no names."
)
_PROCESSING = (
    "Shown to the recipients in one profile of the family. No decision about anybody is made by it."
)


@dataclass(frozen=True, slots=True)
class Issue:
    """The issuing of one receipt: its opaque id, and when."""

    receipt_id: str
    at: datetime


def receipt_of(
    decision: SharingDecision,
    entries: Sequence[LedgerEntry],
    proofs: Sequence[str],
    *,
    council: Council,
    partners: Sequence[SharingAgency],
    issue: Issue,
) -> dict[str, Any]:
    """The receipt.

    `entries` are those of the ledger about the decision, oldest first, each with its tlog-proof.
    """
    involved = partners_in(decision, partners)
    return {
        "receipt_metadata": {
            "schema_version": SCHEMA_VERSION,
            "standard": STANDARD,
            "receipt_id": issue.receipt_id,
            "issued_at": as_text(issue.at),
            "issued_by": COUNCIL,
            "addressed_to": _addressee(decision),
            "ledger_proofs": [digest_of(proof) for proof in proofs],
        },
        "record_header": _header(decision, issue.at),
        "pii_processing": _processing(decision, council, involved),
        "party_identification": parties_of(council, involved),
        "events": [event_of(entry, decision) for entry in entries],
    }


_NOT_OF_THE_FAMILY = SAYS_NO_ONLY | {DeciderKind.PRACTITIONER}


def digest_of(proof: str) -> str:
    """What of a proof is signed with the receipt, because a proof says more than it proves."""
    return sha256(proof.encode()).hexdigest()


def _addressee(decision: SharingDecision) -> dict[str, Any]:
    """Who gets it. What parents are not told, nobody gets but the young person."""
    decider = decision.decided_by
    is_secret = decision.circumstances.parents_are_not_told
    is_family = decider.kind in _NOT_OF_THE_FAMILY
    return {
        "capacity": {"code": "family", "label": "The family it is about"}
        if is_family and not is_secret
        else coded(DeciderKind.YOUNG_PERSON if is_secret else decider.kind),
        "reference": None if is_family else decider.reference,
        "not_for": [coded(DeciderKind.PARENT)] if is_secret else [],
    }


def _header(decision: SharingDecision, at: datetime) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "record_id": decision.id,
        "record_version": decision.version,
        "pii_principal_id": sorted(decision.subjects),
        "state": coded(state_of(decision, at)),
        "decided_at": as_text(decision.decided_at),
        "until": as_text(decision.until),
        "review_at": as_text(decision.review_at),
        "supersedes": decision.supersedes,
        "superseded_by": decision.superseded_by,
        "objects_to": decision.objects_to,
        "invalidated_because": _perhaps(decision.invalidated_because),
        "taken_back": _taken_back(decision),
    }


_TOLD_TO_ALL = frozenset({DeciderKind.COURT, DeciderKind.NOT_SAID})


def _taken_back(decision: SharingDecision) -> Any:
    """In what capacity somebody took it back, how they said so and why; None where nobody told.

    Who gets it is not told which of the others it was, nor how or why: that it was taken back is
    what they see of a disagreement.
    """
    told = decision.taken_back
    if told is None or decision.withdrawn_at is None:
        return None
    if told.by != decision.decided_by and told.by.kind not in _TOLD_TO_ALL:
        return {"by": None, "channel": None, "because": None}
    return {
        "by": coded(told.by.kind),
        "channel": _perhaps(told.channel),
        "because": _perhaps(told.because),
    }


def _processing(
    decision: SharingDecision, council: Council, involved: Sequence[SharingAgency]
) -> dict[str, Any]:
    told = decision.circumstances
    return {
        "privacy_notice": {"version": told.notice_version, "url": council.privacy_notice or None},
        "language": LANGUAGE,
        "interpreted_into": told.interpreted_into,
        "response": coded(decision.response),
        "channel": _perhaps(told.channel),
        "because": _perhaps(decision.because),
        "mode": coded(decision.mode),
        "competence": _competence(told.competence, is_presumed=told.presumed_competent),
        "evidence": told.evidence,
        "purposes": [
            {"purpose": coded(purpose), "lawful_basis": _lawful_basis(decision)}
            for purpose in sorted(decision.purposes)
        ],
        "pii_information": [
            {"pii_type": coded(category), "special_pii_category": category in SPECIAL_CATEGORIES}
            for category in sorted(decision.categories)
        ],
        "pii_controllers": [COUNCIL, *(partner.code for partner in involved)],
        "collection_method": {
            "code": "from-records",
            "label": "From the records that these agencies hold already",
            "sources": [coded(source) for source in sorted(decision.sources)],
        },
        "processing_method": _PROCESSING,
        "storage_locations": [council.storage] if council.storage else [],
        "retention_period": _RETENTION,
        "jurisdiction": JURISDICTION,
        "recipient_third_parties": recipients_of(decision, involved),
        "withdrawal_method": withdrawal_method(decision, council),
        "privacy_rights": [coded(right) for right in rights_under(decision.basis)],
        "authority_party": AUTHORITY,
    }


def _lawful_basis(decision: SharingDecision) -> dict[str, Any]:
    return {
        "basis": coded(decision.basis),
        "article_6": coded(ARTICLE_6[decision.basis]),
        "article_9": _perhaps(decision.article_9),
        "gateways": [coded(gateway) for gateway in sorted(decision.gateways)],
    }


def _competence(judgement: CompetenceJudgement | None, *, is_presumed: bool) -> Any:
    """Whether the young person was able to decide this, and how that was known."""
    if judgement is None:
        return {"is_presumed": True} if is_presumed else None
    return {
        "is_presumed": False,
        "is_competent": judgement.is_competent,
        "judged_by": judgement.judged_by,
        "judged_at": as_text(judgement.judged_at),
    }


def _perhaps(code: LabelledCode | None) -> dict[str, str] | None:
    return None if code is None else coded(code)
