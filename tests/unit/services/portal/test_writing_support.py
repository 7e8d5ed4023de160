"""Writing down help wanted, next steps, and that one is involved."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.records.payloads import FactStatus, HelpWanted, WrittenHere
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from tests.support.each_case import each_case
from tests.support.portal.pages import Form, Page, PageClient
from tests.support.portal.portal_builders import CHILD, the_wren_family
from tests.support.portal.portal_forms import a_permit_for
from tests.unit.services.portal.conftest import Fake

FAMILY = f"/families/{CHILD}"
PEOPLE = f"{FAMILY}/people"
HELP, STEP = f"{FAMILY}/support/help/new", f"{FAMILY}/support/step/new"
INVOLVED = f"{FAMILY}/support/involved"
SLEEP: Form = {"text": "Sleep in both homes", "state": "waiting"}
RING: Form = {"text": "Ring speech therapy", "who": "Tom Ellis", "plan": "none"}
ON_THE_3RD: Form = {"by-day": "3", "by-month": "12", "by-year": "2026"}
DONE = "Written down. Those who may read it find it here within a few seconds."
MINE: Form = {"telephone": "01632 960 401"}


@pytest.fixture
def permit(world: Fake) -> None:
    family = the_wren_family()
    plans = tuple(replace(view, key="plan-1") for view in family.plans)
    world.services.profiles[CHILD] = replace(family, plans=plans)
    world.record(a_permit_for(CHILD))


def change_of(page: Page, text: str) -> str:
    return page.links[f"Change: {text}"]


@pytest.mark.usefixtures("permit")
def test_what_the_family_wants_help_with_is_on_its_pages(priya: PageClient) -> None:
    """In few words, how it stands, and who wrote it down."""
    page = priya.send_and_follow(HELP, HELP, SLEEP)

    assert DONE in page.text
    said = "Sleep in both homes Waiting Asked for on 22 November 2026 Written down by Priya Nair"
    assert said in page.text
    overview = priya.get(FAMILY)
    assert said in overview.text
    assert overview.links["Add what they want help with"] == HELP


@pytest.mark.usefixtures("permit")
def test_a_form_with_a_mistake_comes_back_filled_in(priya: PageClient) -> None:
    """With what is wrong beside each field, and nothing written down."""
    wrong: dict[str, tuple[str, Form, str]] = {
        "nothing": (HELP, {"text": "", "state": "waiting"}, "Write what they want help with"),
        "long": (HELP, {"text": "x" * 201, "state": "waiting"}, "Write 200 characters or fewer"),
        "nobody helps": (HELP, {**SLEEP, "state": "started"}, "Write who helps"),
        "not begun": (HELP, {**SLEEP, "state": "done"}, "Select how it stands"),
        "a place": (
            HELP,
            {"text": "A lock at 14 Mill Lane, ex1 1aa", "state": "waiting"},
            "Write no address or postcode here: where they live may be protected",
        ),
        "a number": (
            STEP,
            {**RING, "who": "Mum, 07700 900 118"},
            "Write no telephone number here: it may be private",
        ),
        "nobody does it": (STEP, {**RING, "who": ""}, "Write who does it"),
        "no day": (
            STEP,
            {**RING, **ON_THE_3RD, "by-month": "13"},
            "Enter a day with a day, month and year, or leave it",
        ),
        "no such year": (
            STEP,
            {**RING, **ON_THE_3RD, "by-year": "202"},
            "Enter a day within the next five years",
        ),
        "no such plan": (
            STEP,
            {**RING, "plan": "another"},
            "Select which plan it is a step of, or none",
        ),
        "no number": (
            INVOLVED,
            {"telephone": ""},
            "Enter the number on which colleagues can ring you",
        ),
        "not a number": (
            INVOLVED,
            {"telephone": "ask at reception"},
            "Enter a telephone number, such as 01632 960 401",
        ),
        "the family's": (
            INVOLVED,
            {"telephone": "+44 1632 960123"},
            "Enter a number of your work: this is a number of the family",
        ),
    }

    with each_case() as case:
        for name, (address, form, message) in wrong.items():
            with case(name):
                page = priya.send(address, address, form)

                assert page.errors == [message]
                fields = page.tree.forms[-1].fields
                typed = [name for name in form if name not in {"state", "plan"}]
                assert [fields[name] or "" for name in typed] == [form[name] for name in typed]

    assert "Nothing is written down of what they want help with" in priya.get(PEOPLE).text


@pytest.mark.usefixtures("permit")
def test_a_form_that_is_sent_twice_is_entered_once(priya: PageClient) -> None:
    """A second press, or the way back in the browser."""
    fields = dict(priya.get(HELP).tree.forms[-1].form_values())

    for _ in range(2):
        assert priya.http.post(HELP, data={**fields, **SLEEP}).status_code == 303

    assert priya.get(PEOPLE).text.count("Sleep in both homes") == 2, "the line, and its link"


@pytest.mark.usefixtures("permit")
def test_who_wrote_it_says_what_became_of_it(priya: PageClient) -> None:
    """The form is filled in with what stands."""
    address = change_of(priya.send_and_follow(HELP, HELP, SLEEP), "Sleep in both homes")
    form = priya.get(address).tree.forms[-1]
    assert (form.fields["text"], form.fields["state"]) == ("Sleep in both homes", "waiting")

    started = {**SLEEP, "state": "started", "helper": "Breakfast club"}
    page = priya.send_and_follow(address, address, started)

    assert "Started Breakfast club, since 22 November 2026" in page.text
    page = priya.send_and_follow(address, address, {**started, "state": "done"})
    assert "Done Breakfast club, 22 November 2026" in page.text
    assert "Nothing is written down of what they want help with now" in priya.get(FAMILY).text


@pytest.mark.usefixtures("permit")
def test_what_was_entered_in_error_is_gone(priya: PageClient) -> None:
    """Whatever else the form says; and a page that was left open changes nothing."""
    page = priya.send_and_follow(HELP, HELP, SLEEP)
    address = change_of(page, "Sleep in both homes")
    fields = dict(priya.get(address).tree.forms[-1].form_values())

    page = priya.send_and_follow(address, address, {"text": "", "state": "in-error"})

    assert "Taken out of the record." in page.text
    assert "Sleep in both homes" not in page.text
    answer = priya.http.post(address, data={**fields, "state": "done"})
    assert "Nothing was changed" in priya.get(answer.headers["location"]).text
    assert priya.get(address, 404)


@pytest.mark.usefixtures("permit")
def test_what_another_wrote_is_read_and_not_changed(priya: PageClient, world: Fake) -> None:
    """There is no link to it, and no page."""
    written = WrittenHere("Tom Ellis, Family support lead", "2026-11-20T10:00:00+00:00", "t" * 32)
    record = PublishedRecord(
        "help-1", Source.FAMILY_HUB, Category.EARLY_HELP, (CHILD,), "v", HelpWanted("Naps", written)
    )
    world.services.support_said[CHILD] = {"help-1": record}

    page = priya.get(PEOPLE)

    assert "Naps Waiting Asked for on 20 November 2026 Written down by Tom Ellis" in page.text
    assert "Change: Naps" not in page.links
    assert priya.get(f"{FAMILY}/support/help/help-1", 404)


@pytest.mark.usefixtures("permit")
def test_a_next_step_stands_with_its_plan(priya: PageClient) -> None:
    """What, who does it and by when; on the plan's card as in the list of steps."""
    form = {**RING, **ON_THE_3RD, "plan": "plan-1"}

    page = priya.send_and_follow(STEP, STEP, form)

    card = "Next step Ring speech therapy Tom Ellis, by 3 December 2026"
    assert card in page.text
    line = "Ring speech therapy To do Tom Ellis, by 3 December 2026, for the plan Child in need"
    assert line in page.text
    address = change_of(page, "Ring speech therapy")
    fields = priya.get(address).tree.forms[-1].fields
    assert (fields["by-day"], fields["by-month"], fields["by-year"]) == ("3", "12", "2026")
    page = priya.send_and_follow(address, address, {**form, "state": "done"})
    assert "Ring speech therapy Done Tom Ellis, 22 November 2026" in page.text
    assert card not in page.text


@pytest.mark.usefixtures("permit")
def test_a_step_that_is_late_is_said_first(priya: PageClient) -> None:
    """On the first page, among what to look at first."""
    late = {**RING, "by-day": "20", "by-month": "11", "by-year": "2026"}

    page = priya.send_and_follow(STEP, STEP, late)

    assert "Ring speech therapy Late" in page.text
    said = "A next step is late: Ring speech therapy (Tom Ellis, by 20 November 2026)."
    assert said in priya.get(FAMILY).text


@pytest.mark.usefixtures("permit")
def test_who_is_involved_says_on_which_number(priya: PageClient) -> None:
    """It is filled in with the number that their agency has for them."""
    form = priya.get(INVOLVED).tree.forms[-1]
    assert form.fields["telephone"] == "01632 960 100"
    assert "state" not in form.fields

    page = priya.send_and_follow(INVOLVED, INVOLVED, MINE)

    assert "their own word, 22 November 2026" in page.text
    overview = priya.get(FAMILY)
    assert overview.links["Ring Priya Nair on 01632 960 401"] == "tel:01632960401"
    assert "Health visitor, Exbury health visiting, by your own word" in overview.text


@pytest.mark.usefixtures("permit")
def test_their_own_word_stands_once_for_one_number(priya: PageClient) -> None:
    """A source that gives the same number for the same name says no more."""
    priya.send_and_follow(INVOLVED, INVOLVED, {"telephone": "01632 960456"})

    overview = priya.get(FAMILY)

    assert overview.text.count("by your own word") == 1
    assert "Health visitor, Health visiting, Exbury Community NHS Trust" not in overview.text


@pytest.mark.usefixtures("permit")
def test_who_is_involved_no_longer_says_so(priya: PageClient) -> None:
    """They stand among those who were, and nobody is to ring them for it."""
    priya.send_and_follow(INVOLVED, INVOLVED, MINE)
    assert priya.get(INVOLVED).heading == "You work with this child"

    page = priya.send_and_follow(INVOLVED, INVOLVED, {**MINE, "state": "no-longer"})

    assert "Written down that you do not work with this child any more." in page.text
    assert "01632 960 401" not in page.text
    assert priya.get(INVOLVED).heading == "Say that you work with this child"


def test_what_may_not_be_shared_comes_back_filled_in(priya: PageClient) -> None:
    """Nothing is written down; why stands above what was typed."""
    sent: dict[str, Form] = {HELP: SLEEP, STEP: RING, INVOLVED: MINE}

    for address, form in sent.items():
        page = priya.send(address, address, form, status=403)

        assert page.heading == "Nothing was written down"
        fields = page.tree.forms[-1].fields
        assert all(fields[name] == value for name, value in form.items() if name != "plan")


@pytest.mark.usefixtures("permit")
def test_what_was_written_since_is_new(priya: PageClient, world: Fake) -> None:
    """And what came to stand otherwise has changed."""
    profile = world.services.profiles[CHILD]
    before = datetime(2026, 11, 21, 9, tzinfo=UTC)
    world.services.profiles[CHILD] = replace(profile, looked_before=before)
    old = WrittenHere("Tom Ellis", "2026-11-01T10:00:00+00:00", "t" * 32)
    naps = HelpWanted("Naps", old, "Nan", FactStatus.UNDER_WAY, "2026-11-22")
    record = PublishedRecord("help-1", Source.FAMILY_HUB, Category.EARLY_HELP, (CHILD,), "v", naps)
    world.services.support_said[CHILD] = {"help-1": record}
    priya.send_and_follow(HELP, HELP, SLEEP)

    page = priya.get(FAMILY)

    assert "New Help wanted: Sleep in both homes" in page.text
    assert "Changed Help wanted: Naps" in page.text
