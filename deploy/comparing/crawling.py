# ruff: noqa: INP001 - deploy is not a package: a distribution of that name exists
"""Everything a demonstration shows: to anybody, to each person who may sign in, and after acts.

One walk in one order, so that two walks through the same pages ask the same at the same place:
(1) what needs no sign-in, (2) every page to which each person is led, (3) families to which they
are not led, (4) every form of theirs, as it stands and filled in, (5) their pages once more, and
(6) signing out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode, urlsplit

from deploy.comparing.demonstration import Demonstration
from deploy.comparing.pages import Form, Page

_SECONDS = 60
_UNTIL = re.compile(r"expires=[^;]+")
_NOBODY = "nobody"
_SIGN_OUT = "/sign-out"
_FOR_ANYBODY = (
    "/",
    "/sign-in",
    "/nowhere",
    "/families/nobody",
    "/who-may-be-one",
    "/.well-known/authzen-configuration",
    "/.well-known/oauth-authorization-server",
    "/ledger/v1/checkpoint",
    "/ledger/v1/consistency?old=1&new=0",
    "/ledger/v1/tile/9/000",
    "/ledger/v1/nowhere",
    "/api/v1/families/nobody",
    "/partners/v1/dispositions",
    "/partners/v1/resend",
    "/partners/v1/nowhere",
    "/access/v1/evaluation",
    "/oauth/token",
    "/openapi.json",
    "/docs",
)
_POSTED_BY_ANYBODY = (
    "/sign-in",
    "/sign-out",
    "/oauth/token",
    "/access/v1/evaluation",
    "/access/v1/evaluations",
    "/partners/v1/events",
    "/partners/v1/children",
)
_FOR_EVERYBODY = ("/", "/find-a-family", "/record-a-decision", "/due-for-review", "/who-may-be-one")


@dataclass(slots=True)
class Walk:
    """What was said on one walk, by who asked for what, in the order of asking."""

    port: int
    said: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Visitor:
    """One person with a browser of their own: what they may see, and which forms they were shown.

    A form is known by where it is sent; of those for other purposes than the usual one the first
    of a kind is enough.
    """

    walk: Walk
    name: str
    cookie: str = ""
    forms: dict[str, Form] = field(default_factory=dict)
    led_to: dict[str, None] = field(default_factory=dict)

    def sign_in(self, person: str) -> None:
        """Become one of the people of the demonstration."""
        response, _ = self._ask("POST", "/sign-in", urlencode({"person": person}))
        self.cookie = (response.getheader("Set-Cookie") or "").partition(";")[0]

    def walk_from(self, *addresses: str, when: str = "") -> None:
        """Get pages, and whatever they lead to, the nearest first."""
        waiting = list(dict.fromkeys(addresses))
        known = set(waiting)
        while waiting:
            address = waiting.pop(0)
            for next_one in self.get(address, when=when):
                if next_one not in known:
                    known.add(next_one)
                    waiting.append(next_one)
        self.led_to |= dict.fromkeys(sorted(known))

    def get(self, address: str, *, when: str = "") -> Iterator[str]:
        """Get a page; gives where it leads."""
        response, body = self._ask("GET", address, when=when)
        if location := response.getheader("Location"):
            yield location
        if "html" in (response.getheader("Content-Type") or ""):
            page = Page(address, body)
            for form in page.forms:
                if form.is_post:
                    self.forms.setdefault(form.action, form)
            yield from page.links
            yield from page.searches()

    def post(self, form: Form, *, how: str) -> str | None:
        """Send a form; gives where that leads."""
        sent = form.as_it_stands() if how == "as it stands" else form.filled_in()
        response, _ = self._ask("POST", form.action, urlencode(sent), when=f" {how}")
        return response.getheader("Location")

    def _ask(
        self, method: str, address: str, sent: str | None = None, *, when: str = ""
    ) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection("127.0.0.1", self.walk.port, timeout=_SECONDS)
        headers = {"Cookie": self.cookie} if self.cookie else {}
        if sent is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, address, sent, headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        text = body.decode("utf-8", "backslashreplace")
        self.walk.said[f"{self.name}: {method} {address}{when}"] = _told(response, body, text)
        return response, text


def walk_through(demonstration: Demonstration) -> Mapping[str, str]:
    """Ask for everything, in the order above; gives what was said by who asked for what."""
    walk = Walk(demonstration.port)
    _as_nobody(walk)  # (1)
    visitors = [Visitor(walk, name) for name in demonstration.people.values()]
    for visitor, person in zip(visitors, demonstration.people, strict=True):
        visitor.sign_in(person)
        visitor.walk_from("/")  # (2)
    families = sorted({_family_of(a) for v in visitors for a in v.led_to} - {""})
    for visitor in visitors:
        for address in (*_FOR_EVERYBODY, *families):
            if address not in visitor.led_to:
                list(visitor.get(address))  # (3)
    with demonstration.pages_alone():
        led_to = [_act(visitor) for visitor in visitors]  # (4)
    for visitor, addresses in zip(visitors, led_to, strict=True):
        usual = [a for a in visitor.led_to if not urlsplit(a).query and "receipt" not in a]
        for address in dict.fromkeys([*addresses, *usual]):
            list(visitor.get(address, when=" after all acts"))  # (5)
        visitor.post(visitor.forms[_SIGN_OUT], how="as it stands")  # (6)
        list(visitor.get("/", when=" signed out"))
    return walk.said


def _as_nobody(walk: Walk) -> None:
    nobody = Visitor(walk, _NOBODY)
    for address in _FOR_ANYBODY:
        list(nobody.get(address))
    for address in _POSTED_BY_ANYBODY:
        nobody.post(Form(address, is_post=True), how="as it stands")


def _act(visitor: Visitor) -> list[str]:
    """Send every form of a visitor but the way out; gives where the forms led.

    As it stands every form for the usual purpose; filled in, the first of each kind.
    """
    led_to: list[str] = []
    kinds: set[str] = set()
    for form in [form for action, form in visitor.forms.items() if action != _SIGN_OUT]:
        ways = [] if urlsplit(form.action).query else ["as it stands"]
        if form.choices and form.kind not in kinds:
            ways.append("filled in")
            kinds.add(form.kind)
        led_to += [to for how in ways if (to := visitor.post(form, how=how)) is not None]
    return led_to


def _family_of(address: str) -> str:
    parts = urlsplit(address).path.split("/")
    return f"/families/{parts[2]}" if parts[1] == "families" else ""


def _told(response: HTTPResponse, body: bytes, text: str) -> str:
    """One text for an answer: status, headers by name, body.

    Of the machine's time nothing is kept, of the length whether it is right: receipts grow with
    the ledger.
    """
    headers = {name.lower(): value for name, value in response.getheaders()}
    headers.pop("date", None)
    if "set-cookie" in headers:
        headers["set-cookie"] = _UNTIL.sub("expires=‹then›", headers["set-cookie"])
    if "content-length" in headers:
        is_right = int(headers["content-length"]) == len(body)
        headers["content-length"] = "right" if is_right else "wrong"
    lines = [f"{name}: {value}" for name, value in sorted(headers.items())]
    return "\n".join([f"{response.status} {response.reason}", *lines, "", text])
