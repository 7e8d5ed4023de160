# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""A page as a crawler reads it: where it leads, and the forms on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit

Fields = tuple[tuple[str, str], ...]
_SHORTEST_ID = 24
_SOME_WORDS = "Words for a comparison"
# A child of the demonstration, and a day that is not past.
_WORDS = {
    "identifier": "9990000018",
    "date-of-birth-day": "14",
    "date-of-birth-month": "2",
    "date-of-birth-year": "2022",
    "notice-version": "2026-03",
    "day": "3",
    "month": "12",
    "year": "2026",
}


@dataclass(slots=True)
class Form:
    """A form as it stands: what a browser would send, and what one may choose besides."""

    action: str
    is_post: bool
    sent: list[tuple[str, str]] = field(default_factory=list)
    choices: list[tuple[str, str]] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Where it is sent, without ids: every form of a kind has the same fields."""
        path = urlsplit(self.action).path
        return "/".join(part for part in path.split("/") if len(part) < _SHORTEST_ID)

    def as_it_stands(self) -> Fields:
        """What is sent by somebody who only presses the button."""
        return tuple(self.sent)

    def filled_in(self) -> Fields:
        """What is sent by somebody who takes the first of each choice and writes where one may."""
        first = dict(reversed(self.choices))
        written = ((name, value or _words_for(name)) for name, value in self.sent)
        return (*written, *first.items())


class Page(HTMLParser):
    """The links of a page in their order, and its forms."""

    def __init__(self, address: str, body: str) -> None:
        super().__init__()
        self._address = address
        self._form: Form | None = None
        self._select: str | None = None
        self._writes = False
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Keep what leads somewhere or is sent."""
        told = {name: value or "" for name, value in attrs}
        for name in ("href", "src"):
            self._lead_to(told.get(name, ""))
        if tag == "form":
            action = urljoin(self._address, told.get("action", ""))
            self._form = Form(action, told.get("method", "get").lower() == "post")
            self.forms.append(self._form)
        elif self._form is not None:
            self._add_field(self._form, tag, told)

    def handle_endtag(self, tag: str) -> None:
        """What stands behind a form is no part of it, nor of a field."""
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._writes = False

    def handle_data(self, data: str) -> None:
        """Keep what stands in a field of several lines."""
        if self._writes and self._form is not None:
            name, value = self._form.sent[-1]
            self._form.sent[-1] = (name, value + data)

    def searches(self) -> Iterator[str]:
        """The addresses to which forms lead that change nothing, one choice at a time."""
        for form in self.forms:
            if not form.is_post:
                yield f"{form.action}?{urlencode(form.sent)}"
                for choice in form.choices:
                    yield f"{form.action}?{urlencode([*form.sent, choice])}"

    def _lead_to(self, target: str) -> None:
        address = urldefrag(urljoin(self._address, target)).url
        if target and address.startswith("/") and not target.startswith("//"):
            self.links.append(address)

    def _add_field(self, form: Form, tag: str, told: dict[str, str]) -> None:
        name, value, kind = told.get("name", ""), told.get("value", ""), told.get("type", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            (form.sent if "selected" in told else form.choices).append((self._select, value))
        elif tag == "input" and kind in {"radio", "checkbox"} and "checked" not in told:
            form.choices.append((name, value))
        elif tag in {"input", "textarea", "button"} and name:
            form.sent.append((name, value))
            self._writes = tag == "textarea"


def _words_for(name: str) -> str:
    """What somebody writes into a field of this name."""
    return _WORDS.get(name) or _WORDS.get(name.rpartition("-")[2], _SOME_WORDS)
