"""The page client: fetches pages and checks on every fetch what every page must have."""

from collections import Counter
from collections.abc import Mapping, Sequence

import httpx2
from fastapi import FastAPI
from lxml import html

from services.portal.frame.session import TOKEN_FIELD
from tests.support.one_loop import client_of

Form = Mapping[str, str | Sequence[str]]
_UNLABELLED = {"hidden", "submit", "button"}


class Page:
    """A page that was fetched, already checked."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.tree: html.HtmlElement = html.document_fromstring(response.text)
        _check_headers(response)
        _check_structure(self)

    @property
    def text(self) -> str:
        """All text of the main part, with single spaces."""
        return " ".join(self.tree.get_element_by_id("main-content").text_content().split())

    @property
    def whole_text(self) -> str:
        """All text of the page, with single spaces."""
        return " ".join(self.tree.body.text_content().split())

    @property
    def title(self) -> str:
        """The words in the browser's tab."""
        return " ".join((self.tree.findtext(".//title") or "").split())

    @property
    def heading(self) -> str:
        """The one heading of the first level."""
        return " ".join(self.tree.find(".//h1").text_content().split())

    @property
    def links(self) -> dict[str, str]:
        """Where each link goes, by its text; a text that comes twice keeps the first."""
        found: dict[str, str] = {}
        for link in self.tree.iter("a"):
            found.setdefault(" ".join(link.text_content().split()), link.get("href", ""))
        return found

    @property
    def errors(self) -> list[str]:
        """What the error summary says."""
        found = self.tree.find_class("govuk-error-summary__list")
        return [" ".join(item.text_content().split()) for ul in found for item in ul.iter("li")]

    def token_of(self, action: str) -> str:
        """Give the hidden token of the form that goes to an address."""
        for form in self.tree.forms:
            if form.action == action:
                return str(form.fields[TOKEN_FIELD])
        raise AssertionError(f"no form on this page goes to {action}")


class PageClient:
    """A browser without JavaScript. `forms` sent by it carry the page's own token."""

    def __init__(
        self, app: FastAPI, base_url: str = "http://testserver", *, at_ticks: bool = False
    ) -> None:
        """Begin at an address; with `at_ticks` refusals are held for their tick."""
        self.http = client_of(app, at_ticks=at_ticks, base_url=base_url, follow_redirects=False)

    def sign_in(self, person: str) -> None:
        """Sign in as an invented person."""
        response = self.http.post("/sign-in", data={"person": person})
        assert response.status_code == 303, "could not sign in"

    def get(self, address: str, status: int = 200) -> Page:
        """Fetch a page."""
        page = Page(self.http.get(address))
        assert page.status == status, f"{address} answered {page.status}"
        return page

    def send(self, shown_at: str, action: str, form: Form, status: int = 422) -> Page:
        """Fill in the form shown at an address and stay on the page that comes back."""
        page = Page(self.send_raw(shown_at, action, form))
        assert page.status == status, f"{action} answered {page.status}"
        return page

    def send_and_follow(self, shown_at: str, action: str, form: Form, status: int = 200) -> Page:
        """Fill in the form shown at an address and go where it leads."""
        response = self.send_raw(shown_at, action, form)
        assert response.status_code == 303, f"{action} answered {response.status_code}"
        return self.get(response.headers["location"], status)

    def send_raw(self, shown_at: str, action: str, form: Form) -> httpx2.Response:
        """Send the form shown at an address with its token."""
        token = Page(self.http.get(shown_at)).token_of(action)
        return self.http.post(action, data={TOKEN_FIELD: token, **form})


def _check_headers(response: httpx2.Response) -> None:
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-type"] == "text/html; charset=utf-8"


def _check_structure(page: Page) -> None:
    assert page.title, "the page has no title"
    assert len(list(page.tree.iter("h1"))) == 1, "a page has one h1"
    ids = Counter(page.tree.xpath("//@id"))
    assert not [name for name, times in ids.items() if times > 1], "ids are unique"
    labelled = set(page.tree.xpath("//label/@for"))
    for field in page.tree.xpath("//input | //select | //textarea"):
        is_labelled = field.get("id") in labelled or field.get("type") in _UNLABELLED
        assert is_labelled, f"the field {field.get('name')} has no label"
    has_errors = bool(page.tree.find_class("govuk-error-message"))
    assert has_errors == bool(page.errors), "errors beside fields and in the summary go together"
    assert has_errors == page.title.startswith("Error: ")
    for target in page.tree.xpath("//*[@class='govuk-list govuk-error-summary__list']//a/@href"):
        assert target.removeprefix("#") in ids, f"the error summary leads nowhere: {target}"
    _check_nonce(page)


def _check_nonce(page: Page) -> None:
    policy = page.response.headers["content-security-policy"]
    for script in page.tree.iter("script"):
        nonce = script.get("nonce")
        assert script.get("src") or f"'nonce-{nonce}'" in policy, "an inline script has no nonce"
    assert not page.tree.xpath("//@style"), "the policy lets no style attribute through"
