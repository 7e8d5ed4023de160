"""`bench page-cost`: CPU of each layer of a page, and statements of each call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from deploy.bench.figures import Figure, figure
from deploy.bench.one_family import VISITOR, make_family
from deploy.bench.page_cost.asking import AtOnce, address, again, cpu_of, fixed_calculation, get
from deploy.bench.page_cost.postgres_statements import statements_of
from deploy.bench.world import bench_folder
from schemas.identifiers import PersonId
from services.bootstrap import DatabaseRole
from services.decisions.receipts.postgres import ReceiptIssuer
from services.people.practitioners.people import Session
from services.platform.loops import leave_what_is_loaded
from services.platform.settings import Settings
from services.portal.app import create_app
from services.portal.decisions import pages as decisions
from services.portal.family import pages as family
from services.portal.frame.portal import Portal, Templates
from services.portal.frame.settings import PortalSettings
from services.portal.frame.visit import Visit
from services.portal.ports import PortalServices
from services.portal.services import PortalOnDatabase
from services.portal.story import pages as story
from services.work import Outside

_PAGES: Mapping[str, tuple[str, Callable[[Visit, PersonId], Response]]] = {
    "overview": ("", family.show_overview),
    "timeline": ("/timeline", family.show_timeline),
    "story": ("/story", story.show_story),
    "consent": ("/consent", decisions.show_decisions),
    "who has looked": ("/who-has-looked", family.show_who_has_looked),
}


def bench_page_cost(settings: Settings, *, times: int) -> dict[str, Any]:
    """Ask for each page of a family. Gives the document of DESIGN.md section 15."""
    with bench_folder(settings) as (application, _):
        outside = application.outside(DatabaseRole.PORTAL)
        likeness = make_family(application.outside(DatabaseRole.OWNER))
        services = PortalOnDatabase(
            outside,
            demonstration=False,
            receipts=ReceiptIssuer(application.council, application.receipt_signer),
        )
        asked = _Asked.of(services, outside, PersonId(likeness.persons[0]["person_id"]), times)
        leave_what_is_loaded()  # as the service does
        figures = asked.session_figures()
        for name in _PAGES:
            figures |= asked.page_figures(name)
    return {
        "name": "page-cost",
        "conditions": {"times": times, "records of the family": 100},
        "figures": figures,
        "baselines": {"a fixed calculation": figure(cpu_of(again(fixed_calculation), times), "ms")},
        "ratios": {},
    }


@dataclass(frozen=True)
class _Asked:
    """The portal over the database, and over services that answer at once."""

    whole: FastAPI
    at_once: FastAPI
    services: PortalOnDatabase
    outside: Outside
    secret: str
    session: Session
    person: PersonId
    times: int

    @classmethod
    def of(
        cls, services: PortalOnDatabase, outside: Outside, person: PersonId, times: int
    ) -> "_Asked":
        settings = PortalSettings(council_name="Exbury", cookie_secure=False)
        remembering = cast("PortalServices", AtOnce(services))
        secret = services.sign_in(VISITOR)
        session = None if secret is None else services.session(secret)
        if secret is None or session is None:
            raise ValueError("the practitioner cannot sign in")
        whole, at_once = create_app(services, settings), create_app(remembering, settings)
        return cls(whole, at_once, services, outside, secret, session, person, times)

    def session_figures(self) -> dict[str, Figure]:
        """What it costs to know who is signed in."""
        lookup = partial(self.services.session, self.secret)
        with statements_of(self.outside) as sent:
            lookup()
        return {
            "session: CPU": figure(cpu_of(again(lookup), self.times), "ms"),
            "session: statements": figure(len(sent), "statements"),
        }

    def page_figures(self, name: str) -> dict[str, Figure]:
        """What a page costs: all of it, and each layer by what it costs without the others."""
        path, show = _PAGES[name]
        cookie = ("cookie", f"tell-once={self.secret}")
        whole = partial(get, self.whole, address(path, self.person), cookie)
        around = partial(get, self.at_once, address(path, self.person), cookie)
        with statements_of(self.outside) as sent:
            whole()
        render, rendered = _render_of(self.at_once, around)
        asked = cpu_of(lambda times: whole(times=times), self.times)
        at_once = cpu_of(lambda times: around(times=times), self.times)
        shown = cpu_of(again(partial(show, self._visit(), self.person)), self.times)
        template = cpu_of(again(render), self.times)
        return {
            f"{name}: CPU": figure(asked, "ms"),
            f"{name}: of it services": figure(asked - at_once, "ms"),
            f"{name}: of it frame": figure(at_once - shown, "ms"),
            f"{name}: of it presenters": figure(shown - template, "ms"),
            f"{name}: of it template": figure(template, "ms"),
            f"{name}: statements": figure(len(sent), "statements"),
            f"{name}: size": figure(len(rendered.body) / 1e3, "kB"),
        }

    def _visit(self) -> Visit:
        portal: Portal = self.at_once.state.portal
        scope = {"type": "http", "headers": [], "state": {"session": self.session}}
        return Visit(Request(scope), portal, self.session, None)


def _render_of(
    app: FastAPI, ask: Callable[[], object]
) -> tuple[Callable[[], HTMLResponse], HTMLResponse]:
    """Ask for a page, and give what renders it once more, with what it gave."""
    portal: Portal = app.state.portal
    kept: list[tuple[Any, ...]] = []

    class Noting(Templates):
        def page(self, *words: Any) -> HTMLResponse:
            kept.append(words)
            return portal.templates.page(*words)

    noting = Noting(portal.settings, portal.assets)
    app.state.portal = _with_templates(portal, noting)
    ask()
    app.state.portal = portal
    render = partial(portal.templates.page, *kept[-1])
    return render, render()


def _with_templates(portal: Portal, templates: Templates) -> Portal:
    return replace(portal, templates=templates)
