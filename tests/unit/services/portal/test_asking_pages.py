"""Asking a family, one question a page: few presses, nothing about law, nothing typed is lost."""

from datetime import date, timedelta

import pytest

from consent.circumstances import Channel
from consent.model import Response, SharingDecision
from schemas.vocabulary import Category, Source
from services.people.deciders.naming import NamedChoice
from services.portal.decisions.asking.steps import (
    USUALLY,
    AskStep,
    forms_of,
    last_day,
    next_of,
    open_step,
)
from services.portal.frame.forms import Submitted
from tests.support.portal.pages import Form, Page, PageClient
from tests.support.portal.portal_builders import AT, CHILD
from tests.unit.services.portal.conftest import Fake

DECIDE = f"/families/{CHILD}/decide"
_LAW = ("article", "gateway", "legal", "statut", "basis", "condition", "law ")


def at(step: str) -> str:
    return f"{DECIDE}?step={step}"


def send(priya: PageClient, step: str, form: Form) -> Page:
    return priya.send_and_follow(at(step), at(step), form)


def ask_as_usual(priya: PageClient) -> Page:
    """All answers of a family that agrees, up to the page that is read to it."""
    send(priya, "who", {"decided-by": "mother", "decider-name": "Ada Wren"})
    send(priya, "how", {"channel": "in-person"})
    send(priya, "usual", {"usual": "yes"})
    return send(priya, "until", {"lasts": "12"})


def decisions(world: Fake) -> list[SharingDecision]:
    return list(world.services.on_record.values())


def test_a_family_that_agrees_is_asked_four_things_and_none_about_law(
    priya: PageClient, world: Fake
) -> None:
    """Then what was answered is read to it, and it is in force."""
    asked = [priya.get(at("who"))]
    asked.append(send(priya, "who", {"decided-by": "mother", "decider-name": "Ada Wren"}))
    asked.append(send(priya, "how", {"channel": "in-person"}))
    asked.append(send(priya, "usual", {"usual": "yes"}))
    check = send(priya, "until", {"lasts": "12"})

    done = priya.send_and_follow(at("check"), at("check"), {})

    assert [page.heading for page in asked] == [
        "Who is deciding?",
        "How did you speak with them?",
        "Do they want to share as usual?",
        "Until when?",
    ]
    assert check.heading == "Read this to the family"
    for page in (*asked, check):
        questions = page.text.partition("For a duty")[0].lower()
        assert not [word for word in _LAW if word in questions], page.heading
    assert "Mother, who has parental responsibility: Ada Wren" in check.text
    assert "Until 22 November 2027" in check.text
    assert done.heading == "Decision recorded"
    assert done.links["Receipt to read and print"].endswith("/receipt")
    (made,) = decisions(world)
    assert made.response is Response.GIVEN
    assert made.categories == frozenset(USUALLY)
    assert Category.SAFEGUARDING not in made.categories


def test_what_is_usual_is_filled_in_already(priya: PageClient) -> None:
    """In person, and for twelve months: each is one press."""
    send(priya, "who", {"decided-by": "mother"})
    how = priya.get(at("how"))
    send(priya, "how", {"channel": "in-person"})
    until = send(priya, "usual", {"usual": "yes"})

    assert how.tree.xpath("//input[@name='channel'][@checked]/@value") == ["in-person"]
    assert until.tree.xpath("//input[@name='lasts'][@checked]/@value") == ["12"]


def test_sending_the_last_page_twice_records_once(priya: PageClient, world: Fake) -> None:
    """The second leads to what is on record."""
    ask_as_usual(priya)
    token = priya.get(at("check")).token_of(at("check"))
    first = priya.http.post(at("check"), data={"csrf": token})
    again = priya.http.post(at("check"), data={"csrf": token})

    assert first.headers["location"].partition("?")[0].endswith("/recorded")
    assert again.headers["location"] == f"/families/{CHILD}/consent"
    assert len(decisions(world)) == 1


def test_what_was_passed_over_is_asked_before_anything_is_recorded(
    priya: PageClient, world: Fake
) -> None:
    """Whatever page is sent, from an old tab or by hand."""
    send(priya, "who", {"decided-by": "mother"})
    token = priya.get(at("how")).token_of(at("how"))

    sent = priya.http.post(at("check"), data={"csrf": token})

    assert sent.headers["location"] == at("how")
    assert not decisions(world)


def test_a_yes_to_some_is_not_taken_for_a_no_to_all(priya: PageClient, world: Fake) -> None:
    """Where it was not asked to what."""
    send(priya, "who", {"decided-by": "mother"})
    send(priya, "how", {"channel": "in-person"})
    send(priya, "usual", {"usual": "some"})

    passed_over = [priya.http.get(at(step)) for step in ("until", "check")]

    assert [page.headers["location"] for page in passed_over] == [at("some")] * 2
    assert not decisions(world)


def test_going_back_shows_what_was_answered_and_changes_only_that(priya: PageClient) -> None:
    """Nothing is asked twice."""
    ask_as_usual(priya)

    who = priya.get(at("who"))
    send(priya, "who", {"decided-by": "father"})
    check = priya.get(at("check"))

    assert who.tree.xpath("//input[@name='decided-by'][@checked]/@value") == ["mother"]
    assert "Father, who has parental responsibility" in check.text
    assert "Until 22 November 2027" in check.text


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("who", "Select who decided"),
        ("how", "Select how you spoke with them"),
        ("usual", "Select what the family says"),
        ("until", "Select until when it holds"),
    ],
)
def test_a_question_without_an_answer_comes_back(
    priya: PageClient, step: str, message: str
) -> None:
    """With the other answers kept."""
    ask_as_usual(priya)

    page = priya.send(at(step), at(step), {"nothing": ""})

    assert page.errors == [message]
    assert priya.get(at("check")).heading == "Read this to the family"


def test_whoever_comes_too_far_is_led_to_the_first_question(priya: PageClient) -> None:
    """An address from yesterday has no answers behind it."""
    response = priya.http.get(at("check"))

    assert response.status_code == 303
    assert response.headers["location"] == at("who")


def test_a_yes_without_some_of_it_writes_down_a_no_to_the_rest(
    priya: PageClient, world: Fake
) -> None:
    """So that an older yes does not go on sharing it."""
    send(priya, "who", {"decided-by": "mother"})
    send(priya, "how", {"channel": "in-person"})
    send(priya, "usual", {"usual": "some"})
    shares = [one.value for one in USUALLY if one is not Category.STORY]
    with_whom = ["health-visiting", "schools", "family-hub"]
    send(priya, "some", {"categories": shares, "recipients": with_whom})
    check = send(priya, "until", {"lasts": "12"})

    priya.send_and_follow(at("check"), at("check"), {})

    assert "Not shared: The family's story in its own words" in check.text
    story, to_care, yes = decisions(world)
    assert (story.response, story.categories) == (Response.REFUSED, {Category.STORY})
    assert (to_care.response, to_care.recipients) == (Response.REFUSED, {"agency:social-care"})
    assert yes.response is Response.GIVEN
    assert yes.recipients == {f"agency:{name}" for name in with_whom}


def test_a_no_is_recorded_and_not_now_is_not(priya: PageClient, world: Fake) -> None:
    """Nobody is asked until when a no holds."""
    send(priya, "who", {"decided-by": "mother"})
    send(priya, "how", {"channel": "in-person"})
    later = send(priya, "usual", {"usual": "not-now"})
    nothing = decisions(world)
    check = send(priya, "usual", {"usual": "no"})
    priya.send_and_follow(at("check"), at("check"), {})

    assert (later.heading, nothing) == ("Sharing", [])
    assert "nothing is shared but what the law demands" in check.text
    (made,) = decisions(world)
    assert (made.response, made.until) == (Response.REFUSED, None)


def ask_for_some(priya: PageClient) -> Page:
    """All answers of a family that shares some of it until the 23rd, up to the last page."""
    send(priya, "who", {"decided-by": "mother"})
    send(priya, "how", {"channel": "in-person"})
    send(priya, "usual", {"usual": "some"})
    shares = [one.value for one in USUALLY if one is not Category.STORY]
    send(priya, "some", {"categories": shares, "recipients": [one.value for one in Source]})
    last = {"until-day": "23", "until-month": "11", "until-year": "2026"}
    return send(priya, "until", {"lasts": "day", **last})


def later(world: Fake, days: int) -> None:
    world.services.clock = lambda: AT + timedelta(days=days)


def test_a_no_is_recorded_though_the_yes_beside_it_is_refused_and_never_twice(
    priya: PageClient, world: Fake
) -> None:
    """What was refused is named beside its answer; put right, the rest alone is recorded."""
    ask_for_some(priya)
    later(world, 2)

    refused = [priya.send(at("check"), at("check"), {}) for _ in range(2)]
    at_first = decisions(world)
    send(priya, "until", {"lasts": "6"})
    priya.send_and_follow(at("check"), at("check"), {})

    for page in refused:
        assert page.errors == ["The last day must be in the future"]
        assert page.tree.xpath("//*[@id='until-day']//*[contains(., 'must be in the future')]")
        assert "Their no is recorded, and in force already" in page.text
        assert "The family's story in its own words: nobody sees it" in page.text
    assert [made.response for made in at_first] == [Response.REFUSED]
    assert [made.response for made in decisions(world)] == [Response.REFUSED, Response.GIVEN]


def test_another_answer_after_a_no_on_record_is_another_no(priya: PageClient, world: Fake) -> None:
    """Who puts right how it was said records nothing again; a wider no is recorded besides."""
    ask_for_some(priya)
    later(world, 2)
    priya.send(at("check"), at("check"), {})

    send(priya, "how", {"channel": "telephone"})
    again = priya.send(at("check"), at("check"), {})
    send(priya, "usual", {"usual": "no"})
    priya.send_and_follow(at("check"), at("check"), {})

    assert "Their no is recorded" in again.text
    made = decisions(world)
    assert [one.response for one in made] == [Response.REFUSED] * 2
    assert [one.categories for one in made] == [{Category.STORY}, frozenset(USUALLY)]


def test_where_the_no_is_refused_nothing_is_recorded(priya: PageClient, world: Fake) -> None:
    """A yes without it would be more than the family said."""
    world.services.named[CHILD] = [NamedChoice("ab" * 16, "Mr Ambrose Quillfeather")]
    send(priya, "who", {"decided-by": "ab" * 16})
    send(priya, "how", {"channel": "in-person"})
    send(priya, "usual", {"usual": "some"})
    some = {"categories": [Category.STORY.value], "recipients": [Source.SCHOOLS.value]}
    send(priya, "some", some)
    send(priya, "until", {"lasts": "12"})
    world.services.named[CHILD] = []

    page = priya.send(at("check"), at("check"), {})

    assert page.errors == ["Select who decided"]
    assert not decisions(world)
    assert "Their no is recorded" not in page.text
    assert priya.get(at("check")).heading == "Read this to the family"


def test_what_cannot_be_written_leaves_the_answers_to_be_sent_again(
    priya: PageClient, world: Fake
) -> None:
    """They are there still, and record once."""
    ask_for_some(priya)
    token = priya.get(at("check")).token_of(at("check"))
    world.services.is_broken = True

    failed = priya.http.post(at("check"), data={"csrf": token})
    world.services.is_broken = False
    left = decisions(world)
    priya.send_and_follow(at("check"), at("check"), {})

    assert failed.status_code == 503
    assert left == []
    assert [one.response for one in decisions(world)] == [Response.REFUSED, Response.GIVEN]


def test_a_no_is_taken_from_who_works_with_them_no_more(priya: PageClient, world: Fake) -> None:
    """One page, whoever it is about; without a no it is closed as ever."""
    send(priya, "who", {"decided-by": "mother"})
    send(priya, "how", {"channel": "in-person"})
    send(priya, "usual", {"usual": "no"})
    token = priya.get(at("check")).token_of(at("check"))
    world.services.relationships.clear()

    taken = priya.http.post(at("check"), data={"csrf": token})
    again = priya.http.post(at("check"), data={"csrf": token})

    assert (taken.status_code, taken.headers["location"]) == (303, "/taken")
    assert again.status_code == 403


@pytest.mark.parametrize(("who", "words"), [("court", "A court"), ("not-said", "They did not")])
def test_a_no_is_taken_from_anybody_and_a_yes_from_the_family(
    priya: PageClient, world: Fake, who: str, words: str
) -> None:
    """Whoever brings it, however they say so; who and how stand with the no."""
    send(priya, "who", {"decided-by": who})
    send(priya, "how", {"channel": "written"})
    refused = priya.send(at("usual"), at("usual"), {"usual": "yes"})
    check = send(priya, "usual", {"usual": "no"})
    priya.send_and_follow(at("check"), at("check"), {})

    assert refused.errors == ["Nobody but the family agrees for it. Select no, or not now"]
    assert words in check.text
    assert "In writing: a letter, an e-mail or a message" in check.text
    (made,) = decisions(world)
    assert (made.response, made.decided_by.kind) == (Response.REFUSED, who)
    assert made.circumstances.channel is Channel.WRITTEN


def test_whoever_turns_out_to_be_no_parent_is_asked_again_what_they_say(
    priya: PageClient, world: Fake
) -> None:
    """A yes that was answered for somebody else is recorded for nobody."""
    ask_as_usual(priya)
    send(priya, "who", {"decided-by": "other"})

    sent = priya.http.get(at("check"))

    assert sent.headers["location"] == at("usual")
    assert not decisions(world)


def test_a_young_person_is_asked_what_they_can_do(priya: PageClient) -> None:
    """And nobody else is."""
    page = send(priya, "who", {"decided-by": "young-person"})

    assert page.heading == "Can the young person decide this?"
    assert next_of(AskStep.WHO, Submitted({"decided-by": ["mother"]})) is AskStep.HOW


def test_it_is_closed_to_whoever_has_nothing_to_do_with_them(priya: PageClient, world: Fake):
    """Whatever the question."""
    for step in AskStep:
        priya.get(f"/families/{world.unrelated}/decide?step={step.value}", 403)


@pytest.mark.parametrize(
    ("today", "last"),
    [
        (date(2026, 11, 22), date(2027, 11, 22)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2026, 12, 31), date(2027, 12, 31)),
    ],
)
def test_twelve_months_end_on_a_day_that_there_is(today: date, last: date) -> None:
    """Also from a leap day."""
    assert last_day(Submitted({"lasts": ["12"]}), today) == last


def test_six_months_from_august_end_in_february() -> None:
    """On its last day."""
    assert last_day(Submitted({"lasts": ["6"]}), date(2026, 8, 31)) == date(2027, 2, 28)


def test_a_no_asks_for_no_end() -> None:
    """The page that is read aloud is open without one."""
    answers = Submitted({"decided-by": ["mother"], "channel": ["paper"], "usual": ["no"]})

    assert open_step(AskStep.CHECK, answers) is AskStep.CHECK
    (form,) = forms_of(answers, date(2026, 11, 22))
    assert form.chosen("recipients") == ("everyone",)
    assert not form.text("until-day")
    assert set(Source)
