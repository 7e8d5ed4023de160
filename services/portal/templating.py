"""Turning a template and its words into a page."""

from collections.abc import Mapping

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from services.portal.assets import Assets
from services.portal.settings import PortalSettings


class Templates:
    """The templates, with what every page needs."""

    def __init__(self, settings: PortalSettings, assets: Assets) -> None:
        loader = ChoiceLoader(
            [
                PackageLoader("services.portal"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        )
        # Not StrictUndefined: the GOV.UK macros ask for parameters that were not given.
        self._environment = Environment(
            loader=loader,
            autoescape=True,
            auto_reload=not settings.cache_templates,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            asset_url=assets.url,
            council_name=settings.council_name,
            is_demonstration=settings.is_demonstration,
        )

    def page(
        self, request: Request, template: str, words: Mapping[str, object], status: int = 200
    ) -> HTMLResponse:
        """Render a page. `words` are what its presenters made; raises what Jinja2 raises."""
        nonce = getattr(request.state, "csp_nonce", "")
        content = self._environment.get_template(template).render(**words, cspNonce=nonce)
        return HTMLResponse(content, status)
