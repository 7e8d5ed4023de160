"""Objecting, ending, marking as invalid and replacing, each asked once and confirmed."""

from dataclasses import replace

import pytest

from consent.circumstances import Channel, RefusalReason
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, Response, TakenBack
from services.people.deciders.naming import NamedChoice
from services.portal.decisions.orders import DecisionForm
from services.portal.decisions.summaries import DecisionSummary
from services.profile.model import ProfileRefused
from tests.support.portal.pages import Form, PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import A_PERMIT, a_duty_for, a_permit_for
from tests.unit.services.portal.conftest import Fake

FAMILY = f"/families/{CHILD}"
CONSENT = f"{FAMILY}/consent"
PERMIT = a_permit_for(CHILD)
TASK = replace(
    PERMIT,
    basis=Basis.PUBLIC_TASK,
    decider_kind=DeciderKind.PRACTITIONER,
    decider_reference="priya-nair",
)
DUTY = a_duty_for(CHILD, by="priya-nair")


def _recorded(world: Fake, form: DecisionForm) -> str:
    """Record it; gives the address of its page."""
    decision = world.record(form)
    return f"{CONSENT}/{decision.decision_id}"


def _latest(world: Fake) -> DecisionSummary:
    listed = world.services.decisions(world.practitioner, CHILD)
    assert not isinstance(listed, ProfileRefused)
    return listed[0]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (PERMIT, "The family withdraws its consent."),
        (replace(PERMIT, basis=Basis.PUBLIC_TASK), "The family no longer agrees."),
        (replace(PERMIT, response=Response.REFUSED), "no longer stand against sharing"),
    ],
)
def test_to_withdraw_consent_is_not_to_take_back_a_no(
    priya: PageClient, world: Fake, form: DecisionForm, words: str
) -> None:
    """The page says which it is."""
    page = priya.get(f"{_recorded(world, form)}/withdraw")

    assert words in page.text


@pytest.mark.parametrize(
    ("form", "label"),
    [
        (PERMIT, "Consent withdrawn"),
        (replace(PERMIT, basis=Basis.PUBLIC_TASK), "Agreement taken back"),
        (replace(PERMIT, response=Response.REFUSED), "Refusal taken back"),
        (
            replace(PERMIT, response=Response.OBJECTED, basis=Basis.PUBLIC_TASK),
            "Objection taken back",
        ),
    ],
)
def test_the_list_says_what_was_taken_back(
    priya: PageClient, world: Fake, form: DecisionForm, label: str
) -> None:
    """In its own words for each."""
    ask = f"{_recorded(world, form)}/withdraw"
    priya.send_and_follow(ask, ask, {})

    assert f"{label} 22 November 2026" in priya.get(CONSENT).text


def test_a_withdrawal_asks_who_and_how_and_says_what_stays(priya: PageClient, world: Fake) -> None:
    """By name where others name somebody; both stand on the decision's page and its receipt."""
    world.services.named[CHILD] = [NamedChoice("ab" * 16, "Mr Ambrose Quillfeather")]
    decision = _recorded(world, PERMIT)
    ask = f"{decision}/withdraw"

    page = priya.get(ask)
    answers = {"decided-by": "ab" * 16, "channel": "telephone", "why-refused": "who-would-see"}
    priya.send_and_follow(ask, ask, answers)

    offered = page.tree.xpath("//select[@name='decided-by']/option/@value")
    assert offered == ["", "ab" * 16, "themselves", "other-parent", "court", "other", "not-said"]
    assert "Mr Ambrose Quillfeather" in page.text
    assert "Each service keeps its own records" in page.text
    assert not any(page.tree.xpath("//option[@selected]/@value"))
    kept = _latest(world).said.taken_back
    assert kept == TakenBack(
        Decider(DeciderKind.PARENT, "ab" * 16), Channel.TELEPHONE, RefusalReason.WHO_WOULD_SEE
    )
    shown, receipt = priya.get(decision).text, priya.get(f"{decision}/receipt").text
    assert "Who took it back Person with parental responsibility" in shown
    assert "How they said so By telephone, after checking who they are" in shown
    assert "Why Does not want some people to know" in shown
    assert "Taken back byNot told on this copy" in receipt
    assert "How they said so" not in receipt


def test_who_decided_reads_on_their_copy_that_they_took_it_back(
    priya: PageClient, world: Fake
) -> None:
    """Who else took it back, nobody reads there: of a disagreement they see what comes of it."""
    decision = _recorded(world, PERMIT)
    ask = f"{decision}/withdraw"

    priya.send_and_follow(ask, ask, {"decided-by": "mother", "channel": "telephone"})
    receipt = priya.get(f"{decision}/receipt").text

    assert "Taken back byPerson with parental responsibility" in receipt
    assert "How they said soBy telephone" in receipt


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"decided-by": "not-said"},
        {"decided-by": "nobody", "channel": "by-pigeon", "why-refused": "urgent"},
        {"decider-name": "Ada"},
    ],
)
def test_a_withdrawal_is_in_force_whatever_is_left_out(
    priya: PageClient, world: Fake, answers: Form
) -> None:
    """It is never harder than agreeing: what cannot be read was not said."""
    decision = _recorded(world, PERMIT)
    ask = f"{decision}/withdraw"

    done = priya.send_and_follow(ask, ask, answers)

    assert done.heading == "Decision withdrawn"
    assert "They did not say who they are, or it is not known" in priya.get(decision).text
    assert "How they said so Not recorded" in priya.get(decision).text


def test_of_an_old_withdrawal_it_is_said_that_it_was_not_recorded(
    priya: PageClient, world: Fake
) -> None:
    """Nothing is put in afterwards."""
    decision = _recorded(world, PERMIT)
    world.services.withdraw_decision(world.practitioner, _latest(world).decision_id)

    assert "Who took it back Not recorded" in priya.get(decision).text
    assert "Taken back byNot recorded" in priya.get(f"{decision}/receipt").text


def test_a_court_or_who_is_not_named_can_refuse_and_not_agree(
    priya: PageClient, world: Fake
) -> None:
    """On the long form too."""
    form = f"{CONSENT}/new"
    by_court = A_PERMIT | {"decided-by": "court"}

    refused = priya.send(form, form, by_court)
    done = priya.send_and_follow(form, form, by_court | {"response": "refused"})

    assert refused.errors == [
        "Nobody but the family agrees for it. From a court, or from who is not named, a no is taken"
    ]
    assert done.heading == "Decision recorded"
    assert _latest(world).said.decided_by == Decider(DeciderKind.COURT, "court")


def test_an_objection_is_recorded_and_stands_beside_what_it_objects_to(
    priya: PageClient, world: Fake
) -> None:
    """The very next page refuses; the public task stays on record, in force."""
    task = _recorded(world, TASK)
    opened = priya.get(FAMILY)

    done = priya.send_and_follow(
        f"{task}/object", f"{task}/object", {"decided-by": "mother", "channel": "telephone"}
    )
    refused = priya.get(FAMILY, 403)

    assert opened.heading == "Overview"
    assert done.heading == "Objection recorded"
    assert "The family objected to this." in refused.text
    assert "Agreed to share In force" in priya.get(task).text
    objection = _latest(world)
    assert objection.said.response is Response.OBJECTED
    assert objection.said.circumstances.channel is not None
    assert "Objects to Decision" in priya.get(f"{CONSENT}/{objection.decision_id}").text


@pytest.mark.parametrize("who", ["", "practitioner"])
def test_somebody_of_the_family_objects(priya: PageClient, world: Fake, who: str) -> None:
    """Nobody objects for a family."""
    task = _recorded(world, TASK)

    page = priya.send(f"{task}/object", f"{task}/object", {"decided-by": who})

    assert page.errors == ["Select who objects"]


def test_a_young_person_who_objects_is_judged_too(priya: PageClient, world: Fake) -> None:
    """The message is beside the questions."""
    task = _recorded(world, TASK)

    page = priya.send(f"{task}/object", f"{task}/object", {"decided-by": "young-person"})

    assert page.errors == ["Tick what the young person can do, or that they are 16 or 17"]


def test_a_practitioner_ends_a_duty(priya: PageClient, world: Fake) -> None:
    """It is confirmed, and listed as ended."""
    duty = _recorded(world, DUTY)

    question = priya.get(f"{duty}/end")
    done = priya.send_and_follow(f"{duty}/end", f"{duty}/end", {})

    assert question.heading == "Do you end this decision?"
    assert done.heading == "Decision ended"
    assert "Agreed to share Ended" in priya.get(CONSENT).text


def test_what_was_recorded_in_error_is_marked_with_a_reason(priya: PageClient, world: Fake) -> None:
    """Asked with a warning, refused without a reason, and never offered again."""
    wrong = _recorded(world, PERMIT)
    address = f"{wrong}/invalidate"

    question = priya.get(address)
    without = priya.send(address, address, {})
    done = priya.send_and_follow(address, address, {"reason": "wrong-person"})

    assert "This cannot be undone." in question.text
    assert without.errors == ["Select why it is invalid"]
    assert done.heading == "Decision marked as invalid"
    assert priya.get(FAMILY, 403)
    assert priya.get(address, 404)


def test_a_decision_is_replaced_by_who_made_it(priya: PageClient, world: Fake) -> None:
    """The form has what was decided, does not ask who decided, and the old one steps back."""
    old = _recorded(world, replace(PERMIT, recipients=frozenset({"agency:health-visiting"})))
    address = f"{old}/replace"
    filled_in = priya.get(address)
    answers = {name: value for name, value in A_PERMIT.items() if name != "decided-by"}

    done = priya.send_and_follow(address, address, {**answers, "categories": ["story"]})

    ticked = filled_in.tree.xpath("//input[@checked]/@value")
    assert {"given", "consent", "story", "early-help", "health-visiting"} <= set(ticked)
    assert filled_in.tree.xpath("//input[@name='decided-by']") == []
    assert done.heading == "Decision replaced"
    assert "Agreed to share Replaced" in priya.get(old).text
    assert _latest(world).said.decided_by.reference == "mother"


def test_what_is_wrong_with_the_new_decision_is_beside_its_field(
    priya: PageClient, world: Fake
) -> None:
    """Also what only the core can tell; the old one stands."""
    address = f"{_recorded(world, TASK)}/replace"
    answers = {name: value for name, value in A_PERMIT.items() if name != "decided-by"}

    unread = priya.send(address, address, {**answers, "basis": ""})
    refused = priya.send(address, address, answers)

    assert unread.errors == ["Select the legal basis"]
    assert refused.errors == ["A practitioner cannot consent for a family"]
    assert _latest(world).state.is_in_force


def test_what_was_typed_to_replace_it_stands_before_what_was_decided(
    priya: PageClient, world: Fake
) -> None:
    """A session that ended on the form promises what was typed, and not the old decision."""
    address = f"{_recorded(world, TASK)}/replace"
    browser = "b" * 43
    priya.http.cookies.set("tell-once-browser", browser, domain="testserver.local")
    typed = {"notice-version": ["2026-03b"]}
    world.services.sessions.keep_typed(world.practitioner.id, CHILD, address, typed, browser)

    shown = [priya.get(address).tree.get_element_by_id("notice-version").value for _ in range(2)]

    assert shown[0] == "2026-03b"
    assert shown[1] != "2026-03b"


def test_another_practitioners_decision_is_theirs_to_replace(
    priya: PageClient, world: Fake
) -> None:
    """Others can end it, or mark it as invalid."""
    theirs = _recorded(world, replace(TASK, decider_reference="0b" * 16))

    assert priya.get(f"{theirs}/replace", 404).heading == "Page not found"
    assert priya.get(f"{theirs}/end").heading == "Do you end this decision?"
