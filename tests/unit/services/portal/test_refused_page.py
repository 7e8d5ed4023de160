import re
from dataclasses import replace

import pytest

from consent.lawfulness import Basis
from consent.model import DeciderKind
from consent.question import Reason
from services.portal.frame.session import TOKEN_FIELD, FormPurpose, form_token
from services.portal.words.frame import NO_RIGHT, decisions_are_open, why_refused
from services.portal.words.people import record_reference
from services.profile.model import ProfileRefused
from tests.support.portal.pages import Form, PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import A_CHILD, A_PERMIT, a_permit_for
from tests.unit.services.portal.conftest import Fake

PAGES = ["", "/story", "/timeline", "/consent", "/who-has-looked"]
DECISION_PAGES = [
    "",
    "/receipt",
    "/receipt-file",
    "/withdraw",
    "/replace",
    "/object",
    "/end",
    "/invalidate",
]
CHANGES = {
    "new": FormPurpose.RECORD_DECISION,
    "decision-0001/withdraw": FormPurpose.WITHDRAW_DECISION,
    "decision-0001/replace": FormPurpose.REPLACE_DECISION,
    "decision-0001/object": FormPurpose.OBJECT_TO_DECISION,
    "decision-0001/end": FormPurpose.END_DECISION,
    "decision-0001/invalidate": FormPurpose.INVALIDATE_DECISION,
}


@pytest.mark.parametrize(
    "page",
    [*PAGES, "/consent/new", *(f"/consent/decision-0001{page}" for page in DECISION_PAGES)],
)
def test_nobodys_protected_and_unknown_people_look_alike(
    priya: PageClient, world: Fake, page: str
) -> None:
    """Byte for byte, but for what makes each answer unique."""
    texts = set()
    for person in (world.unrelated, world.protected, world.unknown):
        texts.add(priya.get(f"/families/{person}{page}", 403).whole_text)

    assert len(texts) == 1
    assert "You cannot see this page" in texts.pop()


def test_the_page_says_whom_to_ring(priya: PageClient) -> None:
    """The same about everybody; who gave no number is left out."""
    page = priya.get(f"/families/{CHILD}", 403)

    assert page.links["Ring Exbury Council on 01632 960 300"] == "tel:01632960300"
    assert "No number" not in page.text


def test_the_page_says_that_the_visit_is_recorded(priya: PageClient, world: Fake) -> None:
    """And, to who works with the family, what one can do next."""
    page = priya.get(f"/families/{CHILD}", 403)

    assert "Your visit to this page is written down." in page.text
    assert page.links["see what was decided"] == f"/families/{CHILD}/consent"
    assert page.links["record what the family decides"] == f"/families/{CHILD}/decide"
    looks = world.services.who_has_looked(world.practitioner, CHILD)
    assert not isinstance(looks, ProfileRefused)
    assert [look.permitted for look in looks] == [False]


def test_a_stranger_is_told_whom_to_ask_and_offered_nothing_to_press(
    priya: PageClient, world: Fake
) -> None:
    """Neither what would be refused too, nor a way to let oneself in."""
    page = priya.get(f"/families/{world.unrelated}", 403)

    assert "Ask to work with this family" in page.text
    assert "duty line" in page.text
    assert "999" in page.text
    assert not [form.action for form in page.tree.forms if "/families/" in form.action]
    assert not [address for address in page.links.values() if "/families/" in address]


def test_nobody_lets_themselves_in_by_saying_that_the_family_is_there(
    priya: PageClient, world: Fake
) -> None:
    """The address that did so is gone: for everybody alike, and nothing opens."""
    answers = [
        priya.http.post(f"/families/{person}/family-present", data={TOKEN_FIELD: "any"})
        for person in (world.child, world.unrelated, world.protected, world.unknown)
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert priya.get(f"/families/{world.unrelated}/consent", 403)


@pytest.mark.parametrize("form", [A_PERMIT, {}], ids=["filled in", "empty"])
@pytest.mark.parametrize("change", CHANGES)
def test_forms_for_decisions_ask_what_reading_asks(
    priya: PageClient, world: Fake, change: str, form: Form
) -> None:
    """Byte for byte the same, whoever it is, and whatever was filled in; nothing is recorded.

    What only takes back is taken, and told no more.
    """
    world.services.record_by_command(a_permit_for(world.unrelated))
    token = _token(priya, world, CHANGES[change])
    answers = set()
    for person in (world.unrelated, world.protected, world.unknown):
        response = priya.http.post(
            f"/families/{person}/consent/{change}", data={TOKEN_FIELD: token, **form}
        )
        told = _masked(response.text, record_reference(person), token)
        answers.add((response.status_code, response.headers.get("location"), told))

    (status, address, told) = answers.pop()
    assert not answers
    is_taken = change.endswith("/withdraw") or (change.endswith("/object") and form)
    if is_taken:
        assert (status, address) == (303, "/taken")
    else:
        assert status == 403
        assert "You cannot see this page" in told
    assert len(world.services.on_record) == 1


def test_a_no_is_taken_from_anybody_with_one_page_for_everybody(
    priya: PageClient, world: Fake
) -> None:
    """On a family's page and by number, whoever it is about and whether anybody knows them."""
    token = _token(priya, world, FormPurpose.RECORD_DECISION)
    a_no = {TOKEN_FIELD: token, **A_PERMIT, "response": "refused"}
    people = (world.unrelated, world.protected, world.unknown)
    entries = (world.unrelated_entry, world.protected_entry, world.unknown_entry)

    answers = [
        *(priya.http.post(f"/families/{person}/consent/new", data=a_no) for person in people),
        *(
            priya.http.post(
                "/record-a-decision", data={**a_no, **A_CHILD, "identifier": entry.value}
            )
            for entry in entries
        ),
    ]

    assert {(a.status_code, a.headers.get("location")) for a in answers} == {(303, "/taken")}
    assert "the same whoever it is about" in priya.get("/taken").text


def test_a_number_tells_a_stranger_nothing(priya: PageClient, world: Fake) -> None:
    """Unknown, protected, nobody's, and one's own with a wrong birthday: one answer."""
    token = _token(priya, world, FormPurpose.RECORD_DECISION)
    entries = (world.unrelated_entry, world.protected_entry, world.unknown_entry, world.child_entry)
    answers = set()
    for entry in entries:
        typed = {**A_CHILD, "identifier": entry.value, "date-of-birth-year": "2023"}
        right = {**A_CHILD, "identifier": entry.value} if entry != world.child_entry else typed
        for form in (typed, right):
            response = priya.http.post(
                "/record-a-decision", data={TOKEN_FIELD: token, **A_PERMIT, **form}
            )
            assert response.status_code == 403
            answers.add(_masked(response.text, token))

    assert len(answers) == 1
    assert "You cannot see this page" in answers.pop()
    assert world.services.on_record == {}
    assert world.services.find_family(world.practitioner, world.unknown_entry) is None


def test_what_was_typed_wrongly_is_told_before_anything_is_looked_up(
    priya: PageClient, world: Fake
) -> None:
    """The same for a number that is somebody's."""
    form = {**A_CHILD, **A_PERMIT, "date-of-birth-month": "13", "basis": ""}
    answers = set()
    for entry in (world.child_entry, world.protected_entry, world.unknown_entry):
        typed = {**form, "identifier": entry.value}
        page = priya.send("/record-a-decision", "/record-a-decision", typed)
        answers.add(tuple(page.errors))

    assert len(answers) == 1
    assert "Select the legal basis" in answers.pop()


def test_a_decision_about_several_asks_for_each_of_them(priya: PageClient, world: Fake) -> None:
    """To see it takes one of them; to replace, end or call it invalid takes all."""
    task = replace(
        a_permit_for(world.child, world.unrelated),
        basis=Basis.PUBLIC_TASK,
        decider_kind=DeciderKind.PRACTITIONER,
        decider_reference=world.practitioner.id,
    )
    decision = world.services.record_by_command(task).decision_id
    address = f"/families/{world.child}/consent/{decision}"

    pages = [priya.get(f"{address}/{change}", 403) for change in ("replace", "end", "invalidate")]

    assert {page.heading for page in pages} == {"You cannot see this page"}
    assert priya.get(address).heading != "You cannot see this page"


def test_a_change_is_refused_with_the_same_page(priya: PageClient, world: Fake) -> None:
    """Adding to a stranger's story is closed as reading it is."""
    add = f"/families/{world.unrelated}/story/new"
    own = f"/families/{world.child}/story/new"
    token = priya.get(own).token_of(own)
    words = {TOKEN_FIELD: token, "told-by": "Nan", "text": "Words", "step": "save"}

    response = priya.http.post(add, data=words)

    assert response.status_code == 403
    assert "You cannot see this page" in response.text


def _token(browser: PageClient, world: Fake, purpose: FormPurpose) -> str:
    session = world.services.session(browser.http.cookies["tell-once"])
    assert session is not None
    return form_token(session.csrf_secret, purpose)


def _masked(text: str, *own: str) -> str:
    """The page without what each answer has to itself: nonce, reference and token."""
    for found in (*re.findall('nonce="([^"]+)"', text), *own):
        text = text.replace(found, "MASKED")
    return text


@pytest.mark.parametrize(
    "reasons",
    [
        (),
        (Reason.RESTRICTED,),
        (Reason.NO_RELATIONSHIP,),
        (Reason.DETRIMENTAL,),
        (Reason.WITHDRAWN, Reason.RESTRICTED),
    ],
)
def test_reasons_that_hint_at_a_record_are_not_told(reasons: tuple[Reason, ...]) -> None:
    """Even one of them beside harmless ones keeps them all untold."""
    assert why_refused(ProfileRefused(reasons, "rules")) == (NO_RIGHT,)


@pytest.mark.parametrize(
    ("reasons", "are_open"),
    [
        ((Reason.NO_DECISION,), True),
        ((Reason.WITHDRAWN, Reason.DETRIMENTAL), True),
        ((Reason.NO_RELATIONSHIP,), False),
        ((Reason.RESTRICTED,), False),
        ((Reason.WITHDRAWN, Reason.RESTRICTED), False),
        ((), False),
    ],
)
def test_decisions_are_offered_only_where_they_are_open(
    reasons: tuple[Reason, ...], *, are_open: bool
) -> None:
    """Who would be refused there too is offered nothing; without a reason nobody is."""
    assert decisions_are_open(ProfileRefused(reasons, "rules")) is are_open


def test_a_family_that_withdrew_is_told_so_to_its_practitioner() -> None:
    """Somebody who works with the family reads what it decided."""
    refused = ProfileRefused((Reason.WITHDRAWN,), "rules")

    assert why_refused(refused) == ("The family withdrew its agreement.",)


def test_that_the_agencies_have_not_agreed_is_told_as_such() -> None:
    """It is so of every family and says nothing of this one."""
    refused = ProfileRefused((Reason.POLICY_DENIES,), "rules")

    assert why_refused(refused) == ("The data-sharing agreement does not cover this.",)
