"""Children's social care pushed as existing senders do: addresses, receipts, indexes, refusals."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from schemas.vocabulary import Disposition
from services.interfaces.partners.edge import PUSH_BYTES
from services.interfaces.partners.ports import Credentials, Pace, Partner, PartnerId, Scope
from services.interfaces.partners.push.pushing import MOST_MESSAGES
from tests.support.messages.csc import a_child, an_episode
from tests.support.messages.csc_sender import Configuration, CscSender
from tests.support.partners import NORTHFIELD, OTHER, PartnerClient, a_partner
from tests.support.traces.canaries import NAME

PATH = "/partners/csc/children_social_care_data/999/children"
RECEIPT = re.compile(
    r"\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.\d{6}_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
SETTINGS = Configuration(
    token_endpoint="/oauth/token",
    api_endpoint="/partners/csc",
    client_id=NORTHFIELD,
    client_secret="a secret of its own",
    scope="events:social-care",
    la_code="999",
    supplier_key="6736ad89",
)


@pytest.fixture
def client() -> PartnerClient:
    """Give the interfaces over partners in memory."""
    return PartnerClient()


def children(count: int, **parts: Any) -> list[dict[str, Any]]:
    """Payloads as senders write them: the authority stands in the address alone."""
    return [a_child(la_child_id=f"NC-{n}", **parts) for n in range(count)]


def push(client: PartnerClient, payloads: Any, path: str = PATH, **more: Any) -> Any:
    """Send a batch."""
    return client.post(path, content=json.dumps(payloads), headers=JSON | more)


JSON = {"Content-Type": "application/json"}
BAD = a_child(la_child_id="NC-9", child_details=[NAME])
PLAN = {"child_protection_plan_id": "P", "start_date": "2026-07-01", "end_date": "2026-06-30"}
A_WRONG_DATE = a_child(
    la_child_id="NC-9", social_care_episodes=[an_episode(child_protection_plans=[PLAN])]
)


def a_sender(client: PartnerClient, partner: Partner | None = None, **more: Any) -> CscSender:
    """A sender whose partner is known here."""
    known = partner or a_partner(NORTHFIELD, Scope.EVENTS_SOCIAL_CARE)
    with client.partners.open_work() as work:
        hashed = work.digest("client-secret", known.id, SETTINGS.client_secret)
    client.partners.enter(Credentials(known, {}, [hashed]))
    return CscSender(client.http, SETTINGS, **more)


def test_an_existing_sender_needs_another_address_and_nothing_else(client: PartnerClient):
    """Token, batches of a hundred, a receipt for each child."""
    sender = a_sender(client)

    sender.run(children(250))

    assert len(sender.sent) == 250
    assert sender.failed == {}
    assert len({number for _, number in sender.sent.values()}) == 250
    assert len(client.partners.state.dispositions) == 250


def test_what_was_taken_is_told_by_a_receipt_a_child_whatever_became_of_it(client: PartnerClient):
    """Withheld and duplicate children have theirs; the number is that of the dispositions."""
    first = push(client, children(3))
    second = push(client, children(3))

    assert first.status_code == second.status_code == 200
    assert all(RECEIPT.fullmatch(receipt) for receipt in first.json())
    assert [r[-36:] for r in first.json()] == [r[-36:] for r in second.json()]
    kept = [kept for _, kept in client.partners.state.dispositions]
    assert [k.disposition for k in kept] == [Disposition.PUBLISHED] * 3 + [
        Disposition.DUPLICATE
    ] * 3
    assert [k.receipt for k in kept[:3]] == [r[-36:].replace("-", "") for r in first.json()]


def test_the_same_body_later_is_news(client: PartnerClient):
    """An authority may go back to what it said before something else."""
    push(client, children(1))
    client.partners.clock.pass_by(timedelta(hours=1))
    push(client, children(1))

    kept = [kept.disposition for _, kept in client.partners.state.dispositions]
    assert kept == [Disposition.PUBLISHED] * 2


def test_a_child_of_another_shape_is_named_by_its_index_and_nothing_is_taken(
    client: PartnerClient,
):
    """Its sender takes all of the batch for failed, and compares with what succeeded last."""
    good = children(5)

    answer = push(client, [*good[:3], BAD, *good[3:], {"purge": True}])

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert re.findall(r"\[(\d+)\]", answer.text) == ["3", "6"]
    assert "child_details: not-an-object" in answer.json()["detail"]
    assert NAME not in answer.text
    assert client.partners.state.dispositions == []


def test_one_wrong_date_is_told_among_dispositions_and_costs_no_child(client: PartnerClient):
    """Every child of the batch has its receipt, and the plan is parked by itself."""
    sender = a_sender(client)

    sender.run([*children(3), A_WRONG_DATE])

    assert sender.failed == {}
    assert len(sender.sent) == 4
    *taken, plan = [kept for _, kept in client.partners.state.dispositions]
    assert [one.disposition for one in taken] == [Disposition.PUBLISHED] * 4
    path = "social_care_episodes.child_protection_plans"
    assert plan.disposition is Disposition.PARKED
    assert (plan.field, plan.reason) == (f"{path}.end_date", f"contradicts:{path}.start_date")


def test_a_child_of_whom_nothing_can_be_read_has_its_receipt(client: PartnerClient):
    """Its sender never sends it again before something changes; a steward sees it."""
    nothing = {"la_child_id": "NC-9", "child_details": {"first_name": NAME, "sex": [NAME]}}

    answer = push(client, [*children(2), nothing, *children(1)])

    assert answer.status_code == 200
    assert len(answer.json()) == 4
    assert NAME not in answer.text


def test_an_existing_sender_learns_which_child_is_at_fault(client: PartnerClient):
    """And sends all of it again once that is mended."""
    sender = a_sender(client)
    good = children(3)

    sender.run([*good, BAD])
    assert sender.failed == {
        **{f"NC-{n}": "400 batch failed" for n in range(3)},
        "NC-9": "400 at fault",
    }

    sender.run([*good, a_child(la_child_id="NC-9")])
    assert sender.failed == {}
    assert len(sender.sent) == 4


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[]", 204),
        (b"", 400),
        (b"{}", 400),
        (b"null", 400),
        (b"[1]", 400),
        (b"[[]]", 400),
        (b"not json", 400),
        (json.dumps([{"la_code": 998, **a_child()}]).encode(), 400),
        (json.dumps(a_child()).encode(), 400),
        (json.dumps([{"la_code": 999, "Children": a_child()}]).encode(), 200),
        (b"\xef\xbb\xbf" + json.dumps([a_child()]).encode(), 200),
        (json.dumps([a_child(notes="n" * PUSH_BYTES)]).encode(), 413),
        (json.dumps([{"la_child_id": str(n)} for n in range(MOST_MESSAGES + 1)]).encode(), 413),
    ],
)
def test_what_is_no_batch_is_told_apart(client: PartnerClient, body: bytes, status: int):
    """Nothing in it, unreadable, another authority's, too large."""
    answer = client.post(PATH, content=body, headers=JSON)

    assert answer.status_code == status, answer.text
    assert bool(client.partners.state.dispositions) is (status == 200)


def test_only_json_is_taken(client: PartnerClient):
    """And a media type with parameters is JSON too."""
    text = {"Content-Type": "text/plain"}
    assert push(client, children(1), **text).status_code == 415
    charset = {"Content-Type": "application/json; charset=utf-8"}
    assert push(client, children(1), **charset).status_code == 200


def test_who_may_not_is_told_why(client: PartnerClient):
    """No token; a token for something else; another authority's address; too often."""
    of_school = client.token(partner=a_partner(OTHER, Scope.EVENTS_SCHOOLS))
    elsewhere = PATH.replace("999", "998")
    hasty = a_partner(PartnerId("hasty"), Scope.EVENTS_SOCIAL_CARE, pace=Pace(0.1, 1))

    assert push(client, [], Authorization="Bearer nobody's").status_code == 401
    assert push(client, children(1), **of_school).status_code == 403
    assert push(client, children(1), elsewhere).status_code == 403
    client.partners.enter(Credentials(hasty))
    token = client.token(partner=hasty)
    assert push(client, children(1), **token).status_code == 200
    answer = push(client, children(1), **token)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
    assert push(client, children(1), PATH.replace("999", "Nowhere")).status_code == 422


def test_an_existing_sender_waits_and_gets_through(client: PartnerClient):
    """It tries again after 429 as long as it always did."""
    waits: list[int] = []

    def wait(seconds: int) -> None:
        waits.append(seconds)
        client.partners.clock.pass_by(timedelta(seconds=seconds))

    partner = a_partner(NORTHFIELD, Scope.EVENTS_SOCIAL_CARE, pace=Pace(0.2, 1))
    sender = a_sender(client, partner, wait=wait)

    sender.run(children(300))

    assert len(sender.sent) == 300
    assert set(waits) == {5}


def test_a_partner_of_no_authority_may_send_for_any(client: PartnerClient):
    """A supplier of several."""
    supplier = client.token(partner=a_partner(OTHER, Scope.EVENTS_SOCIAL_CARE, la_code=None))

    for la_code in ("998", "999"):
        path = PATH.replace("999", la_code)
        assert push(client, children(1), path, **supplier).status_code == 200
