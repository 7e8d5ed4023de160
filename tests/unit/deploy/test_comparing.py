"""Two checkouts are told apart by what they do, and not by what is random in it."""

from base64 import urlsafe_b64encode

import pytest

from deploy.compare_checkouts import tell
from deploy.comparing.helps import commands_in
from deploy.comparing.masking import masked
from deploy.comparing.pages import Page

ONE, OTHER = "01a20cff-7d00-78ec-8878-3c4a436b904c", "01a20cff-7d00-78ec-8878-3c4c685cc831"
THIRD = "01a20cff-7d00-78ec-88be-cb1724ac15be"
HELP = """usage: tell-once decision [-h] VERB ...

positional arguments:
  VERB
    record       record what was decided
    check-receipt
                 Checks a consent receipt

options:
  -h, --help     show this help message and exit
"""


def test_other_random_values_in_the_same_places_are_no_difference():
    """Ids, references made of them, tokens and nonces."""

    def page(decision: str, token: str, nonce: str) -> str:
        reference = decision[-6:].upper()
        return (
            f'<script nonce="{nonce}"></script><a href="/{decision}">Decision {reference}</a>'
            f'<input name="csrf" value="{token}">'
        )

    old = masked([("a page", page(ONE, "a1" * 32, "n" * 22))], "127.0.0.1:1")
    new = masked([("a page", page(THIRD, "b2" * 32, "m" * 22))], "127.0.0.1:2")

    assert old == new
    assert ONE not in old["a page"]
    assert "6B904C" not in old["a page"]


def test_a_link_to_another_decision_is_a_difference():
    """Equal values get equal numbers, over all pages."""
    old = masked([("list", f"{ONE} {OTHER}"), ("page", ONE)], "127.0.0.1:1")
    new = masked([("list", f"{ONE} {OTHER}"), ("page", OTHER)], "127.0.0.1:1")

    assert old["list"] == new["list"]
    assert old["page"] != new["page"]


def test_what_is_random_in_a_signed_document_is_found():
    """The document is shown, its signature is not compared."""

    def signed(decision: str, word: str, signature: str) -> str:
        document = urlsafe_b64encode(f'{{"id":"{decision}","word":"{word}"}}'.encode())
        return f'"{document.decode().rstrip("=")}.{signature * 86}"'

    old = masked([("receipt", signed(ONE, "given", "x"))], "127.0.0.1:1")
    new = masked([("receipt", signed(OTHER, "given", "y"))], "127.0.0.1:1")
    changed = masked([("receipt", signed(OTHER, "refused", "y"))], "127.0.0.1:1")

    assert old == new
    assert old != changed


@pytest.mark.parametrize(
    ("old", "new", "differing"),
    [
        ({"a": "same", "b": "old word"}, {"a": "same", "b": "new word"}, 1),
        ({"a": "same"}, {"a": "same", "b": "more"}, 1),
        ({"a": "same", "b": "less"}, {"a": "same"}, 1),
        ({"a": "same"}, {"a": "same"}, 0),
    ],
)
def test_what_differs_is_counted_and_named(
    old: dict[str, str],
    new: dict[str, str],
    differing: int,
    capsys: pytest.CaptureFixture[str],
):
    """Also what only one of them has."""
    assert tell("things", old, new) == differing
    assert ("differs: b" in capsys.readouterr().out) == bool(differing)


def test_of_one_kind_of_page_one_difference_is_shown(capsys: pytest.CaptureFixture[str]):
    """The first of them; all are counted."""
    old = {f"{who}: GET /families/{n * 32}/story": f"old {n}" for who in "AB" for n in "12"}
    new = {name: text.replace("old", "new") for name, text in old.items()}

    assert tell("pages", old, new) == 4
    told = capsys.readouterr().out
    assert f"differs: A: GET /families/{'1' * 32}/story (and 3 of its kind)" in told
    assert told.count("differs: ") == 1


def test_commands_are_found_in_the_help_and_options_are_not():
    """A long name stands on a line of its own."""
    assert commands_in(HELP) == ["record", "check-receipt"]


def test_a_page_tells_where_it_leads_and_what_its_forms_send():
    """Searches are links; what one would fill in is filled in once."""
    page = Page(
        "/families/1",
        '<a href="/elsewhere#part">x</a><a href="https://example.org/">y</a>'
        '<form action="/search"><input type="checkbox" name="source" value="schools"></form>'
        '<form action="/families/1/story/new" method="post"><input name="csrf" value="t">'
        '<textarea name="text">As it was</textarea><input name="told-by">'
        '<input type="radio" name="how" value="a"><input type="radio" name="how" value="b"></form>',
    )
    form = page.forms[1]

    assert page.links == ["/elsewhere"]
    assert list(page.searches()) == ["/search?", "/search?source=schools"]
    assert form.as_it_stands() == (("csrf", "t"), ("text", "As it was"), ("told-by", ""))
    assert dict(form.filled_in())["how"] == "a"
    assert dict(form.filled_in())["told-by"]
