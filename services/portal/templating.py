"""Turning a template and its words into a page."""

from collections.abc import Mapping
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from services.portal.assets import Assets
from services.portal.settings import PortalSettings


class Templates:
    """The templates, with what every page needs."""

    def __init__(self, settings: PortalSettings, assets: Assets) -> None:
        self._environment = _environment(auto_reload=not settings.cache_templates)
        self._everywhere: Mapping[str, object] = {
            "asset_url": assets.url,
            "council_name": settings.council_name,
            "is_demonstration": settings.is_demonstration,
        }

    def page(
        self, request: Request, template: str, words: Mapping[str, object], status: int = 200
    ) -> HTMLResponse:
        """Render a page. `words` are what its presenters made; raises what Jinja2 raises."""
        nonce = getattr(request.state, "csp_nonce", "")
        page = self._environment.get_template(template)
        return HTMLResponse(page.render(**self._everywhere, **words, cspNonce=nonce), status)


@cache
def _environment(*, auto_reload: bool) -> Environment:
    """Make the environment, once a process: compiling the templates takes a second."""
    ours = PackageLoader("services.portal")
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    # Not StrictUndefined: the GOV.UK macros ask for parameters that were not given.
    return Environment(
        loader=ChoiceLoader([ours, govuk]),
        autoescape=True,
        auto_reload=auto_reload,
        trim_blocks=True,
        lstrip_blocks=True,
    )
