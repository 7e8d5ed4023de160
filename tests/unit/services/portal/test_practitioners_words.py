"""No page of a practitioner has our own words for things: what they would not say they do not read.

And none has a version of rules, which says nothing to whoever stands on a doorstep.
"""

import re
from collections.abc import Iterator

import pytest

from consent.model import Response
from tests.support.portal.pages import Page, PageClient
from tests.support.portal.portal_builders import CHILD
from tests.support.portal.portal_forms import a_permit_for
from tests.unit.services.portal.conftest import Fake

_OURS = re.compile(r"ledger|legitimate relationship|rules-", re.IGNORECASE)


def pages_of(browser: PageClient) -> Iterator[tuple[str, Page]]:
    """Every page that links lead to from the first, and from what is shown to be closed."""
    waiting = ["/", "/find-a-family", f"/families/{CHILD}/decide?step=who"]
    seen = set(waiting)
    while waiting:
        address = waiting.pop()
        response = browser.http.get(address)
        if "text/html" not in response.headers.get("content-type", ""):
            continue
        page = Page(response)
        yield address, page
        for link in page.tree.iter("a"):
            href = link.get("href", "")
            if href.startswith("/") and href not in seen:
                seen.add(href)
                waiting.append(href)


@pytest.mark.parametrize("is_shared", [True, False])
def test_no_page_says_them(priya: PageClient, world: Fake, *, is_shared: bool):
    """Whether the family shares anything or not."""
    if is_shared:
        world.record(a_permit_for(CHILD))
    found = {address: page.whole_text for address, page in pages_of(priya)}

    said = {address: _OURS.findall(text) for address, text in found.items()}

    assert {address: words for address, words in said.items() if words} == {}
    assert len(found) > 12
    assert f"/families/{CHILD}/consent" in found


def test_no_word_of_what_became_of_a_decision_is_ours(priya: PageClient):
    """Each confirmation, by its own address."""
    form = {"decided-by": "mother", "decider-name": "Ada Wren", "response": Response.GIVEN.value}
    scope = {"basis": "consent", "categories": ["story"], "purposes": ["early-help"]}
    whom = {"recipients": ["everyone"], "sources": ["every-source"]}
    new = f"/families/{CHILD}/consent/new"

    page = priya.send_and_follow(new, new, {**form, **scope, **whom})

    assert page.heading == "Decision recorded"
    assert not _OURS.findall(page.whole_text)


def test_the_check_would_find_one():
    """It can fail."""
    assert _OURS.findall("No legitimate relationship, under rules-2026, in the Ledger.") != []
