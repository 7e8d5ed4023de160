"""What a consent receipt says of a decision."""

import re
from typing import Any

import pytest

from consent.circumstances import (
    Channel,
    Circumstances,
    CompetenceJudgement,
    CompetenceQuestion,
    RefusalReason,
)
from consent.lawfulness import Article9, Basis, Gateway
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import OPAQUE_ID
from consent.model import Decider, DeciderKind, Response, SharingDecision, TakenBack
from consent.receipts import Council, SharingAgency, receipt_of
from schemas.vocabulary import Category, Purpose, Source
from tests.support.builders import (
    CHILD,
    DAY,
    MOTHER,
    NOW,
    SIBLING,
    VISITOR,
    YOUNG_PERSON,
)
from tests.support.consents.receipts import ISSUE, a_receipt, a_recorded, life_of

_WITHDRAWN = LedgerEvent.SHARING_DECISION_WITHDRAWN


def _receipt(decision: SharingDecision, *after: Any) -> dict[str, Any]:
    return a_receipt(decision, life_of(decision, *after))


def test_it_has_the_sections_of_the_standard():
    """And says what it is, of which record, and who issued it."""
    decision = a_recorded(subjects=(CHILD, SIBLING))

    receipt = _receipt(decision)

    assert list(receipt) == [
        "receipt_metadata",
        "record_header",
        "pii_processing",
        "party_identification",
        "events",
    ]
    assert receipt["receipt_metadata"]["receipt_id"] == ISSUE.receipt_id
    assert receipt["record_header"]["record_id"] == decision.id
    assert receipt["record_header"]["pii_principal_id"] == [CHILD, SIBLING]


def test_it_says_what_for_which_purpose_on_what_ground():
    """Each purpose with its lawful basis; special categories are marked."""
    decision = a_recorded(
        category=(Category.CHILD_HEALTH, Category.EDUCATION),
        purpose=(Purpose.DIRECT_CARE, Purpose.EARLY_HELP),
        basis=Basis.PUBLIC_TASK,
        article_9=Article9.HEALTH_OR_SOCIAL_CARE,
        gateways=frozenset({Gateway.CHILDREN_ACT_2004_S10}),
    )

    processing = _receipt(decision)["pii_processing"]

    assert [each["purpose"]["code"] for each in processing["purposes"]] == [
        "direct-care",
        "early-help",
    ]
    ground = processing["purposes"][0]["lawful_basis"]
    assert ground["article_6"]["code"] == "art-6-1-e"
    assert ground["article_9"]["code"] == "art-9-2-h"
    assert [gateway["code"] for gateway in ground["gateways"]] == ["children-act-2004-s10"]
    assert {
        p["pii_type"]["code"]: p["special_pii_category"] for p in processing["pii_information"]
    } == {
        "child-health": True,
        "education": False,
    }


@pytest.mark.parametrize(
    ("basis", "response", "way", "right"),
    [
        (Basis.CONSENT, Response.GIVEN, "withdraw", "art-17"),
        (Basis.PUBLIC_TASK, Response.GIVEN, "object", "art-21"),
        (Basis.LEGAL_OBLIGATION, Response.GIVEN, "ask", "art-77"),
        (Basis.VITAL_INTERESTS, Response.GIVEN, "ask", "art-15"),
        (Basis.CONSENT, Response.REFUSED, "change", "art-20"),
    ],
)
def test_the_way_out_is_the_one_that_the_ground_has(
    basis: Basis, response: Response, way: str, right: str
):
    """Consent is withdrawn, a public task objected to; a duty is neither."""
    decision = a_recorded(basis=basis, gateways=frozenset({Gateway.CHILDREN_ACT_1989_S47}))
    decision = a_recorded(basis=basis, response=response, gateways=decision.gateways)

    processing = _receipt(decision)["pii_processing"]

    assert processing["withdrawal_method"]["code"] == way
    assert "Northfield Council: 01632 960100" in processing["withdrawal_method"]["how"]
    assert right in {each["code"] for each in processing["privacy_rights"]}


def test_who_may_see_it_is_told_with_the_parties_that_they_are():
    """An agency by kind, a role, one practitioner by opaque id."""
    named = ["agency:schools", "role:lead-practitioner", f"practitioner:{VISITOR}"]

    processing = _receipt(a_recorded(recipients=named))["pii_processing"]

    told = {each["code"]: each["party_ids"] for each in processing["recipient_third_parties"]}
    assert told == {
        "agency:schools": ["elm"],
        "role:lead-practitioner": [],
        f"practitioner:{VISITOR}": [],
    }


def test_everyone_with_a_relationship_is_all_who_take_part():
    """Named as such, with every partner."""
    (everyone,) = _receipt(a_recorded())["pii_processing"]["recipient_third_parties"]

    assert everyone["code"] == "everyone-with-a-legitimate-relationship"
    assert everyone["party_ids"] == ["csc", "elm", "hv"]


def test_parties_are_those_who_take_part():
    """The council, the agencies concerned, and whom to complain to."""
    decision = a_recorded(recipients=["agency:schools"], sources=[Source.HEALTH_VISITING])

    parties = {p["party_id"]: p for p in _receipt(decision)["party_identification"]}

    assert list(parties) == ["council", "elm", "hv", "information-commissioner"]
    assert parties["council"]["party_address"] == "Town Hall, Northfield"
    assert parties["elm"]["party_contact"] is None


def test_many_agencies_of_a_kind_are_told_by_their_number():
    """A council has hundreds of schools."""
    schools = [SharingAgency(f"s{n}", f"School {n}", Source.SCHOOLS) for n in range(143)]
    decision = a_recorded()

    receipt = receipt_of(
        decision, life_of(decision), (), council=Council("X"), partners=schools, issue=ISSUE
    )

    names = [party["party_name"] for party in receipt["party_identification"]]
    assert "School: 143 agencies that take part" in names
    assert len(names) == 3


def test_what_parents_are_not_told_is_only_for_the_young_person():
    """The receipt itself says so."""
    secret = a_recorded(
        decided_by=YOUNG_PERSON, circumstances=Circumstances(parents_are_not_told=True)
    )

    told = _receipt(secret)["receipt_metadata"]["addressed_to"]

    assert told["capacity"]["code"] == "young-person"
    assert [each["code"] for each in told["not_for"]] == ["parent"]
    assert _receipt(a_recorded())["receipt_metadata"]["addressed_to"]["not_for"] == []


def test_how_it_was_decided_is_told():
    """Channel, interpreter, notice, competence, evidence: codes and opaque ids."""
    judged = CompetenceJudgement.of(list(CompetenceQuestion), judged_by=VISITOR, judged_at=NOW)
    told = Circumstances(
        Channel.TELEPHONE, "pl", "2026-10", "ab" * 16, competence=judged, presumed_competent=False
    )

    receipt = _receipt(a_recorded(circumstances=told))

    processing, (event,) = receipt["pii_processing"], receipt["events"]
    assert event["manner"]["code"] == "telephone"
    assert processing["interpreted_into"] == "pl"
    assert processing["privacy_notice"]["version"] == "2026-10"
    assert processing["competence"]["is_competent"] is True


def test_every_event_is_one_of_the_ledger():
    """Given, then withdrawn: when, in what capacity, until when, recorded by whom."""
    decision = a_recorded(until=NOW + DAY, withdrawn_at=NOW)

    receipt = _receipt(decision, (_WITHDRAWN, NOW))

    given, withdrawn = receipt["events"]
    assert given["event_state"]["code"] == "given"
    assert given["entity_capacity"]["code"] == "parent"
    assert given["validity_duration"]["until"] == "2026-03-03T09:30:00.000000Z"
    assert withdrawn["event_state"]["code"] == "withdrawn"
    assert withdrawn["recorded_by"] == f"practitioner:{VISITOR}"
    assert receipt["record_header"]["state"]["code"] == "withdrawn"


def test_whom_it_is_about_is_told_by_opaque_ids_only():
    """Whoever finds it does not learn whose it is."""
    receipt = _receipt(a_recorded(subjects=(CHILD, SIBLING)))

    for principal in receipt["record_header"]["pii_principal_id"]:
        assert re.fullmatch(OPAQUE_ID, principal)
    assert receipt["events"][0]["entity_id"] == "mother"


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (MOTHER, ("parent", "telephone", "not-needed")),
        (Decider(DeciderKind.COURT, "court"), ("court", "telephone", "not-needed")),
        (Decider(DeciderKind.NOT_SAID, "not-said"), ("not-said", "telephone", "not-needed")),
        (Decider(DeciderKind.PARENT, "father"), (None, None, None)),
        (Decider(DeciderKind.PERSON, "themselves"), (None, None, None)),
        (YOUNG_PERSON, (None, None, None)),
    ],
)
def test_who_else_took_it_back_is_not_told_to_who_had_decided(
    by: Decider, expected: tuple[str | None, ...]
):
    """Nor how, nor why: of a disagreement they see that it was taken back."""
    told = TakenBack(by, Channel.TELEPHONE, RefusalReason.NOT_NEEDED)

    back = _receipt(a_recorded(withdrawn_at=NOW - DAY, taken_back=told))["record_header"][
        "taken_back"
    ]

    assert tuple(one and one["code"] for one in back.values()) == expected
    assert list(back) == ["by", "channel", "because"]


def test_of_a_withdrawal_of_before_nothing_is_told():
    """Nor of a decision that still waits to be taken back."""
    for decision in (a_recorded(withdrawn_at=NOW - DAY), a_recorded()):
        assert _receipt(decision)["record_header"]["taken_back"] is None
