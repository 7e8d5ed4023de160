"""What every page of the directory has at hand: templates, assets, the database and the clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from consent.ports import Clock
from schemas.uk_time import uk_day
from services.interfaces.directory.serving.choices import WrittenChoices
from services.interfaces.directory.serving.shown import ShownServices
from services.platform.database.engine import Engine
from services.platform.processes.templates import kept_beside
from services.portal.frame.portal import Assets


@dataclass(frozen=True, slots=True)
class DirectorySettings:
    """What the pages say: whose directory it is, whom to ring, and where workers sign in."""

    council_name: str
    contact: str
    served_at: str
    portal_at: str
    is_demonstration: bool


@cache
def _environment() -> Environment:
    """Make it once a process: compiling the templates takes a while."""
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    return Environment(
        loader=ChoiceLoader([PackageLoader("services.interfaces.directory.serving"), govuk]),
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=kept_beside(__file__),
    )


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything behind the pages."""

    engine: Engine
    clock: Clock
    settings: DirectorySettings
    assets: Assets
    choices: WrittenChoices = field(default_factory=lambda: WrittenChoices(_environment()))
    shown: ShownServices = field(default_factory=lambda: ShownServices(_environment()))

    @property
    def today(self) -> date:
        """The day by the clocks of the United Kingdom."""
        return uk_day(self.clock.now())

    def page(
        self, request: Request, template: str, words: Mapping[str, object], status: int = 200
    ) -> HTMLResponse:
        """Render a page; no word of it comes from anywhere but `words`."""
        del request
        made = (
            _environment()
            .get_template(template)
            .render(**words, directory=self.settings, asset_url=self.assets.url)
        )
        return HTMLResponse(made, status)


def frame_of(request: Request) -> Frame:
    """Give the frame of the application that a request came to."""
    frame = request.app.state.frame
    if not isinstance(frame, Frame):
        raise TypeError("the application was not made by create_directory_pages")
    return frame


def load_templates() -> Environment:
    """Compile every page now: workers then share them."""
    environment = _environment()
    for name in environment.list_templates(filter_func=lambda name: name.count("/") == 0):
        environment.get_template(name)
    return environment
