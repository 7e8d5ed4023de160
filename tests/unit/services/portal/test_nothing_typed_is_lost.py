"""Nothing that is typed is lost: asked of every form of the portal that has something to type."""

from collections.abc import Iterator, Mapping

from lxml import html

from services.portal.frame.session import TOKEN_FIELD
from tests.support.each_case import each_case
from tests.support.portal.pages import Page
from tests.unit.services.portal.test_forged_forms import Form, each_form

WORDS = "Mornings are hard."
Answers = Mapping[str, list[str]]


def fields_of(page: Page, address: str) -> html.HtmlElement | None:
    """The form that is sent to an address, where there is one with something to type."""
    forms = [one for one in page.tree.forms if one.action == address]
    return forms[0] if forms and filled_in(forms[0]) else None


def filled_in(form: html.HtmlElement) -> Answers:
    """All that it asks, answered: words, the last of each choice."""
    typed: dict[str, list[str]] = {}
    for field in form.iter("input", "textarea", "select"):
        match field.get("type", field.tag):
            case "text" | "textarea" | "tel":
                typed[field.get("name")] = [WORDS]
            case "radio" | "checkbox":
                typed[field.get("name")] = [field.get("value")]
            case "select":
                typed[field.get("name")] = [field.xpath("./option/@value")[-1]]
    return typed


def held_in(form: html.HtmlElement) -> Answers:
    """What stands in it now."""
    held: dict[str, list[str]] = {}
    for field in form.iter("input", "textarea", "select"):
        name = field.get("name")
        match field.get("type", field.tag):
            case "text" | "tel":
                held[name] = [field.get("value", "")]
            case "textarea":
                held[name] = [(field.text or "").strip()]
            case "radio" | "checkbox" if field.get("checked") is not None:
                held.setdefault(name, []).append(field.get("value"))
            case "select":
                held[name] = field.xpath("./option[@selected]/@value")
    return held


def forms_with_something_to_type() -> Iterator[tuple[Form, Answers]]:
    for form in each_form():
        answer = form.browser.http.get(form.address)
        fields = None if answer.status_code != 200 else fields_of(Page(answer), form.address)
        if fields is not None:
            yield form, filled_in(fields)


def test_what_was_typed_when_a_session_ended_is_on_the_form_again():
    """Every word and every choice, for the same account in the same browser."""
    asked = 0
    with each_case() as case:
        for form, typed in forms_with_something_to_type():
            asked += 1
            with case(form.address):
                token, secret = form.token(), form.browser.http.cookies["tell-once"]
                who = form.services.session(secret)
                assert who is not None
                form.services.sessions.leave(secret)
                over = form.browser.http.post(form.address, data={TOKEN_FIELD: token, **typed})
                assert Page(over).heading == "Your session is over"

                form.browser.sign_in(who.practitioner.id)
                again = fields_of(form.browser.get(form.address), form.address)

                assert again is not None
                assert held_in(again) == typed
    assert asked >= 15


def test_what_is_refused_and_sent_again_keeps_its_words():
    """Words stay where a choice is missing; sent twice, as by a double press, nothing breaks."""
    with each_case() as case:
        for form, typed in forms_with_something_to_type():
            with case(form.address):
                words = {name: said for name, said in typed.items() if said == [WORDS]}
                page = form.browser.http.post(
                    form.address, data={TOKEN_FIELD: form.token(), **words}
                )
                if page.status_code == 422:
                    again = fields_of(Page(page), form.address)
                    assert again is not None
                    assert words.items() <= held_in(again).items()

                sent = {TOKEN_FIELD: form.token(), **typed}
                twice = [form.browser.http.post(form.address, data=sent) for _ in range(2)]

                assert [answer.status_code for answer in twice if answer.status_code >= 500] == []
