"""What every page of the portal has at hand, built once: services, settings, templates, assets."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from services.platform.processes.templates import kept_beside
from services.portal.frame.session import BrowserCookie, SessionCookie
from services.portal.frame.settings import PortalSettings
from services.portal.ports import PortalServices

# The style, script and picture files, read once and served under a path with their hash.

_FOLDER = Path(__file__).parents[1] / "static"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: as it is and compressed. `media_type` is its Content-Type."""

    media_type: str
    content: bytes
    compressed: bytes


@dataclass(frozen=True, slots=True)
class Assets:
    """All files by name. `digest` changes with any byte, so answers may be kept for ever."""

    digest: str
    files: dict[str, Asset]

    def url(self, name: str) -> str:
        """Give the address of a file. Raises KeyError for a name that is not there."""
        self.files[name]
        return f"/assets/{self.digest}/{name}"

    def find(self, digest: str, name: str) -> Asset | None:
        """Give the file behind an address, or None."""
        return self.files.get(name) if digest == self.digest else None


def read_assets(folder: Path = _FOLDER) -> Assets:
    """Read every style, script and picture of the folder."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in _MEDIA_TYPES)
    contents = {path.name: path.read_bytes() for path in paths}
    digest = hashlib.sha256()
    for name, content in contents.items():
        digest.update(name.encode("utf-8") + b"\0" + content + b"\0")
    files = {name: _asset(name, content) for name, content in contents.items()}
    return Assets(digest.hexdigest()[:16], files)


def _asset(name: str, content: bytes) -> Asset:
    return Asset(_MEDIA_TYPES[Path(name).suffix], content, gzip.compress(content, mtime=0))


# Turning a template and its words into a page.


class Templates:
    """The templates, with what every page needs."""

    def __init__(self, settings: PortalSettings, assets: Assets) -> None:
        self._environment = _environment(auto_reload=not settings.cache_templates)
        self._everywhere: Mapping[str, object] = {
            "asset_url": assets.url,
            "council_name": settings.council_name,
            "directory_at": settings.directory_at,
            "is_demonstration": settings.is_demonstration,
        }

    def load(self) -> None:
        """Compile every page now, and not when it is first asked for: workers then share them."""
        for name in self._environment.list_templates(extensions=["html"]):
            self._environment.get_template(name)

    def page(
        self, request: Request, template: str, words: Mapping[str, object], status: int = 200
    ) -> HTMLResponse:
        """Render a page. `words` are what its words modules made; raises what Jinja2 raises."""
        nonce = getattr(request.state, "csp_nonce", "")
        page = self._environment.get_template(template)
        return HTMLResponse(page.render(**self._everywhere, **words, cspNonce=nonce), status)

    def text(self, template: str, words: Mapping[str, object]) -> str:
        """Render what is no page of its own."""
        return self._environment.get_template(template).render(**self._everywhere, **words)


@cache
def _environment(*, auto_reload: bool) -> Environment:
    """Make the environment, once a process; what it compiles, others find."""
    ours = PackageLoader("services.portal")
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    # Not StrictUndefined: the GOV.UK macros ask for parameters that were not given.
    return Environment(
        loader=ChoiceLoader([ours, govuk]),
        autoescape=True,
        auto_reload=auto_reload,
        bytecode_cache=kept_beside(__file__),
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True, slots=True)
class Portal:
    """The services behind the pages, and what pages are made with."""

    services: PortalServices
    settings: PortalSettings
    assets: Assets
    templates: Templates
    cookie: SessionCookie
    browser: BrowserCookie


def portal_of(request: Request) -> Portal:
    """Give the portal that the request came to."""
    portal = request.app.state.portal
    if not isinstance(portal, Portal):
        raise TypeError("the application was not made by create_app")
    return portal
