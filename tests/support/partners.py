"""Partners for tests, and the client they use: ask only for what matters."""

from dataclasses import dataclass, field
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from services.interfaces.partners.app import create_partners_app
from services.interfaces.partners.edge import TOKEN_LASTS, PartnerSettings
from services.interfaces.partners.ports import Credentials, Pace, Partner, PartnerId, Scope
from services.people.signing_in.demonstration import ReadBrought, read_none
from tests.support.fakes.fake_partner_work import FakePartners
from tests.support.one_loop import client_of

PUBLIC_URL = "https://tell-once.example"
NORTHFIELD = PartnerId("northfield-csc")
OTHER = PartnerId("westfield-schools")


def a_partner(name: PartnerId = NORTHFIELD, *scopes: Scope, **more: Any) -> Partner:
    """Build a partner: with every scope, a generous pace and the authority 999."""
    defaults: dict[str, Any] = {"pace": Pace(100.0, 1000), "la_code": "999"}
    return Partner(name, frozenset(scopes or Scope), **(defaults | more))


@dataclass(slots=True)
class PartnerClient:
    """Sends requests as a partner with a token would. `partners` is the world behind it."""

    partners: FakePartners = field(default_factory=FakePartners)
    read_brought: ReadBrought = read_none
    http: TestClient = field(init=False)

    def __post_init__(self) -> None:
        settings = PartnerSettings(PUBLIC_URL)
        app = create_partners_app(self.partners.open_work, settings, self.read_brought)
        self.http = client_of(app, raise_server_exceptions=False)

    def token(self, *scopes: Scope, partner: Partner | None = None) -> dict[str, str]:
        """Give the headers of a partner with these scopes, or with all."""
        known = partner or a_partner(NORTHFIELD, *scopes)
        if known.id not in self.partners.state.credentials:
            self.partners.enter(Credentials(known))
        with self.partners.open_work() as work:
            number = len(work.state.tokens)
            text = f"token-{known.id}-{number}"
            work.tokens.save(
                work.digest("access-token", text),
                known.id,
                scopes or known.scopes,
                until=work.now + TOKEN_LASTS,
            )
        return {"Authorization": f"Bearer {text}"}

    def get(self, path: str, **more: Any) -> Response:
        """Send a GET as a partner with every scope, unless told otherwise."""
        return self.send("GET", path, **more)

    def post(self, path: str, **more: Any) -> Response:
        """Send a POST likewise."""
        return self.send("POST", path, **more)

    def send(self, method: str, path: str, headers: Any = None, **more: Any) -> Response:
        """Send a request; `headers` without `Authorization` get a fresh token."""
        given = dict(headers or {})
        if "Authorization" not in given:
            given |= self.token()
        return self.http.request(method, path, headers=given, **more)
