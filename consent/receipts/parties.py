"""Who takes part: the council and its partners, who may receive, and whom to complain to.

ISO/IEC TS 27560:2023 section 6.3.6, party identification: `party_id`, `party_name`,
`party_address`, `party_contact`, `party_url`, `party_role`, `party_type`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from consent.model import Recipient, SharingDecision
from schemas.vocabulary import LabelledCode, Role, Source

_MOST_OF_A_KIND = 12
COUNCIL = "council"
AUTHORITY = "information-commissioner"
EVERYONE = "everyone-with-a-legitimate-relationship"


@dataclass(frozen=True, slots=True)
class Council:
    """Who answers for the shared profile: name, address, how to be reached, what it has published.

    `storage` says where the shared profile is kept. Empty text is what the council has not said.
    """

    name: str
    address: str = ""
    contact: str = ""
    privacy_notice: str = ""
    storage: str = ""


@dataclass(frozen=True, slots=True)
class SharingAgency:
    """An agency that takes part, by the code it has in our directory."""

    code: str
    name: str
    kind: Source
    telephone: str | None = None


class PartyRole(LabelledCode):
    """What somebody is in the processing (UK GDPR Art. 4(7) and (9), 26(1), 51)."""

    CONTROLLER = "controller", "Answers for the shared profile"
    JOINT_CONTROLLER = "joint-controller", "Answers for its own records and for what it looks at"
    AUTHORITY = "authority", "Hears complaints"


def coded(code: LabelledCode) -> dict[str, str]:
    """A code of ours with its words."""
    return {"code": code.value, "label": code.label}


def parties_of(council: Council, partners: Sequence[SharingAgency]) -> list[dict[str, Any]]:
    """Everybody whom the receipt refers to by `party_id`."""
    return [
        _party(
            COUNCIL,
            council.name,
            PartyRole.CONTROLLER,
            "council",
            address=council.address,
            contact=council.contact,
            url=council.privacy_notice,
        ),
        *(
            _party(
                partner.code,
                partner.name,
                PartyRole.JOINT_CONTROLLER,
                partner.kind.value,
                contact=partner.telephone or "",
            )
            for partner in sorted(partners, key=lambda each: each.code)
        ),
        _party(
            AUTHORITY,
            "Information Commissioner’s Office",
            PartyRole.AUTHORITY,
            "supervisory-authority",
            address="Wycliffe House, Water Lane, Wilmslow, Cheshire SK9 5AF",
            contact="0303 123 1113",
            url="https://ico.org.uk",
        ),
    ]


def partners_in(
    decision: SharingDecision, partners: Sequence[SharingAgency]
) -> list[SharingAgency]:
    """The agencies that may receive, or whose records are shared; many of one kind as one."""
    named = {r.removeprefix("agency:") for r in decision.recipients if r.startswith("agency:")}
    is_told = len(named) == len(decision.recipients) > 0 and bool(decision.sources)
    kinds = {*named, *decision.sources} if is_told else set(Source)
    return [
        partner
        for kind in Source
        if kind in kinds
        for partner in _gathered(kind, [each for each in partners if each.kind is kind])
    ]


def _gathered(kind: Source, partners: Sequence[SharingAgency]) -> Sequence[SharingAgency]:
    """A council has hundreds of schools: beyond a dozen their number is told instead."""
    if len(partners) <= _MOST_OF_A_KIND:
        return partners
    return [
        SharingAgency(kind.value, f"{kind.label}: {len(partners)} agencies that take part", kind)
    ]


def recipients_of(
    decision: SharingDecision, partners: Sequence[SharingAgency]
) -> list[dict[str, Any]]:
    """`recipient_third_parties`: who may be shown it, in words, and which parties those are."""
    if not decision.recipients:
        label = "Everyone who works with the family"
        return [_recipient(EVERYONE, label, [partner.code for partner in partners])]
    return [_named(recipient, partners) for recipient in sorted(decision.recipients)]


def _named(recipient: Recipient, partners: Sequence[SharingAgency]) -> dict[str, Any]:
    kind, _, name = recipient.partition(":")
    if kind == "practitioner":
        return _recipient(recipient, "One named practitioner", [])
    if kind == "service":
        return _recipient(recipient, "One named service of the directory", [])
    label = _label(Role if kind == "role" else Source, name)
    parties = [partner.code for partner in partners if f"agency:{partner.kind}" == recipient]
    return _recipient(recipient, label, parties)


def _label(codes: type[LabelledCode], name: str) -> str:
    return next((code.label for code in codes if code.value == name), name)


def _recipient(code: str, label: str, parties: Sequence[str]) -> dict[str, Any]:
    return {"code": code, "label": label, "party_ids": sorted(parties)}


def _party(
    party_id: str,
    name: str,
    role: PartyRole,
    kind: str,
    *,
    address: str = "",
    contact: str = "",
    url: str = "",
) -> dict[str, Any]:
    return {
        "party_id": party_id,
        "party_name": name,
        "party_role": coded(role),
        "party_type": kind,
        "party_address": address or None,
        "party_contact": contact or None,
        "party_url": url or None,
    }
