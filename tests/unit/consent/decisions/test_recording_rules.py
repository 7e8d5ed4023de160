"""What makes sense together in a decision that is recorded."""

from contextlib import nullcontext
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from consent.circumstances import (
    Channel,
    Circumstances,
    InvalidationReason,
    NotAskedReason,
    RefusalReason,
)
from consent.decisions.recording import require_sense
from consent.errors import DecisionInvalidError
from consent.lawfulness import CONDITIONS, IMPOSE_A_DUTY, Article9, Basis, Gateway
from consent.model import Response
from tests.support.builders import DAY, NOW, SOCIAL_WORKER
from tests.support.consents.deciding_world import an_order
from tests.support.each_case import each_case

S11 = frozenset({Gateway.CHILDREN_ACT_2004_S11})
DIGEST = f"sha256:{'ab' * 32}"


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"response": Response.REFUSED}, id="a refusal needs no reason"),
        pytest.param(
            {"response": Response.REFUSED, "because": RefusalReason.WHO_WOULD_SEE},
            id="a refusal may say why",
        ),
        pytest.param(
            {"response": Response.NOT_ASKED, "because": NotAskedReason.WOULD_RAISE_RISK},
            id="not asked says why",
        ),
        pytest.param(
            {
                "response": Response.NOT_ASKED,
                "because": NotAskedReason.NOT_CONSENT,
                "basis": Basis.PUBLIC_TASK,
            },
            id="told, not asked",
        ),
        pytest.param({"article_9": Article9.EXPLICIT_CONSENT}, id="explicit consent"),
        pytest.param({"basis": Basis.LEGAL_OBLIGATION, "gateways": S11}, id="a duty by its law"),
        pytest.param({"basis": Basis.VITAL_INTERESTS}, id="a life at stake needs no statute"),
        pytest.param(
            {"response": Response.OBJECTED, "basis": Basis.PUBLIC_TASK}, id="an objection"
        ),
        pytest.param({"review_at": NOW + DAY, "until": NOW + DAY}, id="times to come"),
    ],
)
def test_what_goes_together_is_recorded(more: dict[str, Any]):
    """The rules let the ordinary through."""
    require_sense(an_order(**more), NOW)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"response": Response.NOT_ASKED}, "because: is-missing"),
        (
            {"response": Response.REFUSED, "because": NotAskedReason.URGENT},
            "because: is-no-reason-for-this-response",
        ),
        (
            {"response": Response.NOT_ASKED, "because": RefusalReason.NOT_SAID},
            "because: is-no-reason-for-this-response",
        ),
        (
            {"because": InvalidationReason.NOT_INFORMED, "response": Response.REFUSED},
            "because: is-no-reason-for-this-response",
        ),
        ({"because": RefusalReason.NOT_SAID}, "because: is-no-reason-for-this-response"),
        (
            {"response": Response.NOT_ASKED, "because": NotAskedReason.NOT_CONSENT},
            "because: ground-is-consent",
        ),
        ({"review_at": NOW}, "review-at: is-not-in-the-future"),
        ({"basis": Basis.LEGAL_OBLIGATION}, "gateway: names-no-duty"),
        (
            {
                "basis": Basis.LEGAL_OBLIGATION,
                "gateways": frozenset({Gateway.CRIME_AND_DISORDER_ACT_1998}),
            },
            "gateway: names-no-duty",
        ),
        ({"response": Response.OBJECTED}, "basis: cannot-be-objected-to"),
        (
            {"response": Response.OBJECTED, "basis": Basis.LEGAL_OBLIGATION, "gateways": S11},
            "basis: cannot-be-objected-to",
        ),
        (
            {
                "response": Response.OBJECTED,
                "basis": Basis.PUBLIC_TASK,
                "decided_by": SOCIAL_WORKER,
            },
            "decided-by: nobody-objects-for-a-family",
        ),
    ],
)
def test_what_does_not_go_together_is_refused_by_field(more: dict[str, Any], message: str):
    """The error names the field and why."""
    with pytest.raises(DecisionInvalidError) as raised:
        require_sense(an_order(**more), NOW)

    assert str(raised.value) == message


@pytest.mark.parametrize("basis", Basis)
def test_each_ground_has_its_conditions_for_special_categories(basis: Basis):
    """Consent is explicit or there is none; public work never rests on explicit consent."""
    gateways = S11 if basis is Basis.LEGAL_OBLIGATION else frozenset()

    with each_case() as case:
        for condition in Article9:
            order = an_order(basis=basis, article_9=condition, gateways=gateways)
            refused = pytest.raises(DecisionInvalidError, match="article-9: does-not-go-with")

            with case(condition), nullcontext() if condition in CONDITIONS[basis] else refused:
                require_sense(order, NOW)


def test_every_ground_has_a_condition_and_only_consent_has_explicit_consent():
    """What is withdrawn with consent rests on nothing else, and the other way round."""
    assert CONDITIONS.keys() == set(Basis)
    assert [b for b in Basis if Article9.EXPLICIT_CONSENT in CONDITIONS[b]] == [Basis.CONSENT]
    assert frozenset(Gateway) > IMPOSE_A_DUTY


def test_how_it_was_decided_is_codes_and_ids():
    """Language tags, versions, opaque ids and digests are taken, in any combination."""
    languages = ("pl", "ur", "bfi", "zh-Hant", "pt-BR", "sr-Latn-RS", "es-419")
    notices = ("v3.1", "2026-03", "7", None)
    evidence = ("ab" * 32, DIGEST, "0b" * 10, None)

    with each_case() as case:
        for told in product(languages, notices, evidence):
            with case(*told):
                order = an_order(circumstances=Circumstances(Channel.TELEPHONE, *told))

                require_sense(order, NOW)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"interpreted_into": "Polish"}, "interpreter: is-not-a-language-tag"),
        ({"interpreted_into": "x-ask-mrs-lowe"}, "interpreter: is-not-a-language-tag"),
        ({"interpreted_into": "pl\n"}, "interpreter: is-not-a-language-tag"),
        ({"interpreted_into": ""}, "interpreter: is-not-a-language-tag"),
        ({"notice_version": "the one we always give"}, "notice-version: is-not-a-version"),
        ({"notice_version": "9990000018"}, "notice-version: is-not-a-version"),
        ({"notice_version": "2026-03-01"}, "notice-version: is-not-a-version"),
        ({"notice_version": "1.9990000018"}, "notice-version: is-not-a-version"),
        ({"evidence": "signed by Wren's mother"}, "evidence: is-not-an-opaque-id-or-digest"),
        ({"evidence": "9990000018"}, "evidence: is-not-an-opaque-id-or-digest"),
        ({"evidence": "https://files/1"}, "evidence: is-not-an-opaque-id-or-digest"),
    ],
)
def test_no_text_gets_into_how_it_was_decided(told: dict[str, Any], message: str):
    """Anything that could be a name or a number is refused, and not repeated."""
    order = an_order(circumstances=replace(Circumstances(), **told))

    with pytest.raises(DecisionInvalidError) as raised:
        require_sense(order, NOW)

    assert str(raised.value) == message
