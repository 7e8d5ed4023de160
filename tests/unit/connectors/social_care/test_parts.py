"""One wrong date costs its item: what of a child can be read is read, each part by itself."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from connectors.ports import Received, Unreadable
from connectors.social_care.csc.reader import PendingParts, nothing_pending, read_csc
from schemas.records.message import SourceMessage
from tests.support.checkout import ROOT
from tests.support.messages.csc import a_child, a_child_details, an_episode, csc
from tests.support.reading import csc as read
from tests.support.reading import received
from tests.support.told import told

CASES = ROOT.parent / "shared" / "cases" / "social-care"
AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
PLANS = "social_care_episodes.child_protection_plans"
WRONG = {"child_protection_plan_id": "P-1", "start_date": "2026-07-01", "end_date": "2026-06-30"}
RIGHT = {"child_protection_plan_id": "P-2", "start_date": "2026-07-01"}
REFERRAL = "Referral to children's social care"
PLAN = "999/NC-1001/episode/EP-1/child-protection/P-1"


def with_plans(*plans: dict[str, Any], **episode: Any) -> dict[str, Any]:
    """A child with these child protection plans."""
    return a_child(social_care_episodes=[an_episode(child_protection_plans=list(plans), **episode)])


def apart(found: Sequence[Received]) -> tuple[SourceMessage | None, list[Unreadable]]:
    """What was read of one child, and its parts that were not; all under one index."""
    assert len({one.index for one in found}) == 1
    messages = [one.outcome for one in found if isinstance(one.outcome, SourceMessage)]
    parts = [one.outcome for one in found if isinstance(one.outcome, Unreadable)]
    assert all(part.is_part for part in parts)
    assert [type(one.outcome) for one in found] == [SourceMessage] * len(messages) + [
        Unreadable
    ] * len(parts)
    return (messages[0] if messages else None), parts


def of_child(child: dict[str, Any]) -> tuple[SourceMessage | None, list[Unreadable]]:
    """The same of a child alone."""
    return apart(received(read, csc(child)))


def test_a_plan_with_a_wrong_date_parks_and_everything_else_is_told():
    """Its field and reason are told, where it lies, and no other child's."""
    message, (plan,) = of_child(with_plans(WRONG, RIGHT))

    assert (plan.field, plan.reason) == (f"{PLANS}.end_date", f"contradicts:{PLANS}.start_date")
    assert plan.scopes[-1] == PLAN
    assert plan.about is not None
    assert plan.about.names == (f"csc/{PLAN}",)
    assert [number.value for number in plan.about.identifiers] == ["999/NC-1001"]
    whole, none = of_child(with_plans(RIGHT))
    assert not none
    assert message is not None
    assert whole is not None
    assert told([message]) == told([whole])


@pytest.mark.parametrize(
    ("child", "lost", "place"),
    [
        (
            a_child(child_details=a_child_details(date_of_birth="05/03/2019")),
            ["identity-and-contact: Edie Marlow, born 2019-03-05, female"],
            "details/itself",
        ),
        (a_child(child_details=a_child_details(disabilities="HEAR")), [], "details/disabilities"),
        (
            a_child(social_care_episodes=[an_episode(closure_date="2026-04-01")]),
            [
                f"social-care: {REFERRAL}, from 2026-05-01, Taken further, Referred by School",
            ],
            "episode/EP-1/itself",
        ),
        (
            a_child(social_care_episodes=[an_episode(care_worker_details=[{"worker_id": None}])]),
            ["social-care: Children's social care, worker SW-0104, from 2026-05-04"],
            "episode/EP-1/care_worker_details",
        ),
        (
            a_child(social_care_episodes=[an_episode(care_leavers={"contact_date": "soon"})]),
            [],
            "episode/EP-1/care-leaver",
        ),
        (with_plans(RIGHT, RIGHT), [], "episode/EP-1/child-protection/P-2"),
    ],
)
def test_each_part_costs_itself(child: dict[str, Any], lost: list[str], place: str):
    """Whatever it is; two of one id are read by nobody."""
    whole, _ = of_child(a_child(social_care_episodes=[an_episode()]) | _sound_part_of(child))

    message, (part,) = of_child(child)

    assert part.scopes[-1] == f"999/NC-1001/{place}"
    assert message is not None
    assert whole is not None
    missing = set(told([whole])) - set(told([message]))
    assert missing == set(lost), told([message])


def _sound_part_of(child: dict[str, Any]) -> dict[str, Any]:
    return {} if child["social_care_episodes"] else {"social_care_episodes": []}


def test_a_death_is_told_whatever_else_of_the_details_is_wrong():
    """It must not wait for somebody to mend a date of birth."""
    details = a_child_details(date_of_birth="soon", date_of_death="2026-11-01")

    message, parts = of_child(a_child(child_details=details))

    assert message is not None
    assert len(parts) == 1
    assert [r.payload.died for r in message.records if r.source_id.endswith("/death")] == [
        "2026-11-01"
    ]


@pytest.mark.parametrize(
    "episode",
    [
        an_episode(adoption={"initial_decision_date": "2026-01-01", "placed_date": "soon"}),
        an_episode(closure_reason="RC1", closure_date="2026-04-01"),
    ],
)
def test_who_may_be_adopted_is_hidden_when_that_cannot_be_read(episode: dict[str, Any]):
    """No new name or place beside the old ones, as when it can be."""
    message, parts = of_child(a_child(social_care_episodes=[episode]))

    assert len(parts) == 1
    assert message is not None
    assert message.subjects[0].demographics.family_name is None
    assert not any("details" in record.source_id for record in message.records)


def test_each_is_kept_as_what_reads_the_same_again():
    """The child without its faulty parts, and each of those with nothing else."""
    child = with_plans(WRONG, RIGHT, care_worker_details=[{"worker_id": [1]}])

    found = received(read, csc(child))

    assert len(found) == 3
    for one in found:
        (again,) = received(read, one.raw())
        assert again.outcome == one.outcome
        assert again.raw() == one.raw()


# What a part has said before it could be read.


def later(child: dict[str, Any], pending: PendingParts = nothing_pending) -> list[Received]:
    """What is found of a child that is sent the next day."""
    at = AT + timedelta(days=1)
    return received(partial(read_csc, received_at=at, pending=pending), csc(child))


def waiting(*children: dict[str, Any]) -> PendingParts:
    """The parts that could not be read of these payloads, as they are kept."""
    kept = [
        one.raw()
        for child in children
        for one in received(read, csc(child))
        if isinstance(one.outcome, Unreadable)
    ]
    return lambda scopes: {scope: kept for scope in scopes if kept}


def only(**plan: Any) -> dict[str, Any]:
    """A difference that tells of the plan with the wrong date, and of nothing else."""
    item = {"child_protection_plan_id": "P-1", "purge": False, **plan}
    episode = {"social_care_episode_id": "EP-1", "purge": False, "child_protection_plans": [item]}
    return {"la_child_id": "NC-1001", "mis_child_id": "M-1001", "social_care_episodes": [episode]}


@pytest.mark.parametrize(
    ("corrected", "plan"),
    [
        ({"end_date": "2026-07-30"}, "from 2026-07-01 until 2026-07-30"),
        ({"start_date": "2026-06-01"}, "from 2026-06-01 until 2026-06-30"),
        ({"end_date": None}, "from 2026-07-01"),
    ],
)
def test_a_difference_that_corrects_the_date_tells_the_whole_plan(
    corrected: dict[str, Any], plan: str
):
    """Whichever of the two dates it was."""
    message, parts = apart(later(only(**corrected), waiting(with_plans(WRONG))))

    assert not parts
    assert message is not None
    assert told([message]) == [f"safeguarding: Child protection plan, {plan}"]
    assert f"csc/{PLAN}" in message.names


def test_a_difference_that_is_wrong_as_well_keeps_waiting_with_all_that_was_said():
    """And the next that is right tells all of it."""
    worse = only(end_date="2026-06-29")

    message, (part,) = apart(later(worse, waiting(with_plans(WRONG))))
    kept = [one.raw() for one in later(worse, waiting(with_plans(WRONG)))]

    assert message is None or not told([message])
    assert part.scopes[-1] == PLAN
    found = later(only(start_date="2026-06-01"), lambda scopes: dict.fromkeys(scopes, kept))
    message, parts = apart(found)
    assert not parts
    assert message is not None
    assert told([message]) == [
        "safeguarding: Child protection plan, from 2026-06-01 until 2026-06-29"
    ]


def test_what_waits_completes_nothing_but_its_own_part():
    """Another plan, or nothing at all of the episode, is told as if nothing waited."""
    pending = waiting(with_plans(WRONG))
    other = only(child_protection_plan_id="P-2", start_date="2026-08-01")

    for child in (other, a_child(social_care_episodes=[]), a_child(purge=True)):
        (one,), (alone,) = later(child, pending), later(child)
        assert one.outcome == alone.outcome


def test_the_same_payload_again_is_the_same_message_and_the_same_part():
    """Its sender had no answer, and what waits has changed nothing of it."""
    child = with_plans(WRONG, RIGHT)

    first, again = later(child), later(child, waiting(child))

    assert [one.outcome.message_id for one in again] == [one.outcome.message_id for one in first]
    assert [one.raw() for one in again] == [one.raw() for one in first]


def test_a_part_that_waits_is_completed_in_the_same_file():
    """Several payloads of one child may come in one body."""
    found = received(read, csc(with_plans(WRONG), only(end_date="2026-07-30")))

    *_, last = found
    assert isinstance(last.outcome, SourceMessage)
    assert told([last.outcome]) == [
        "safeguarding: Child protection plan, from 2026-07-01 until 2026-07-30"
    ]


def test_what_was_kept_for_another_reason_completes_nothing():
    """Bytes that are no payload, or one of another shape."""
    kept = [b"{", b"[]", b"[1, 2]", b'{"la_code": 999, "Children": [{"child_details": []}]}']

    found = later(only(end_date="2026-07-30"), lambda scopes: dict.fromkeys(scopes, kept))

    assert [type(one.outcome) for one in found] == [SourceMessage]


def test_the_batch_that_one_wrong_date_refused_is_taken_but_for_that_date():
    """The shared case: two children, one of whom has a plan that ends before it begins."""
    case = CASES / "14-csc-one-wrong-date.json"
    if not case.is_file():
        pytest.skip("the shared cases are not here")
    reading = partial(read_csc, received_at=AT, la_code="999")

    found = received(reading, case.read_bytes())

    assert [(one.index, type(one.outcome)) for one in found] == [
        (0, SourceMessage),
        (1, SourceMessage),
        (1, Unreadable),
    ]
    said = [told([one.outcome]) for one in found if isinstance(one.outcome, SourceMessage)]
    assert said[0] == said[1]
    assert any("Referral" in line for line in said[1])
