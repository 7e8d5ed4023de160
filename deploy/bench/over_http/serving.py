"""A data folder of families, the real program serving it, and who may read them there."""

import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.bench.one_family import AGENCY, VISITOR
from deploy.bench.over_http.cpu import CpuSoFar, cpu_of_installation
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose
from services.bootstrap import Application, DatabaseRole
from services.interfaces.partners.oauth.clients import keys_from_pem
from services.interfaces.partners.oauth.routes import METADATA_PATH
from services.interfaces.partners.oauth.tokens import ASSERTION_TYPE, EXCHANGE_GRANT
from services.interfaces.partners.onboarding import AddPartner, add_partner, onboarding
from services.interfaces.partners.ports import Pace, Scope
from services.platform.processes.die_with_parent import command_that_dies_with_us

_AS_DEMONSTRATION = {
    "TELL_ONCE_ENVIRONMENT": "demonstration",
    "TELL_ONCE_COOKIE_SECURE": "false",
}
_UNHURRIED = Pace(per_second=1e6, burst=1_000_000)
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 a kind of token
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_STOPPING_SECONDS = 60
_KEPT_SECONDS = 3.0
_QUIET_CORES, _LOOK_EVERY, _LONGEST_UNREST = 0.15, 1.0, 60
_CSRF = re.compile(rb'name="csrf" value="([0-9a-f]+)"')


@dataclass(frozen=True, slots=True)
class Served:
    """The program as it serves a data folder: where, as which process, and its CPU."""

    application: Application
    host: str
    port: int
    cpu: CpuSoFar

    def wait_until_quiet(self) -> None:
        """Wait until nothing is left to do of what was made: the ledger's tree, a vacuum."""
        ends = time.monotonic() + _LONGEST_UNREST
        before = sum(self.cpu().values())
        while time.monotonic() < ends:
            time.sleep(_LOOK_EVERY)
            now = sum(self.cpu().values())
            if now - before < _QUIET_CORES * _LOOK_EVERY:
                return
            before = now


@contextmanager
def served(application: Application) -> Iterator[Served]:
    """`tell-once serve` on the application's data folder, on a free port, until the block ends."""
    settings = application.settings
    words = ("serve", "--port", "0", "--json", "--data", str(settings.data), "--bus", settings.bus)
    log = settings.data / "logs" / "bench-serve.log"
    log.parent.mkdir(exist_ok=True, mode=0o700)
    with log.open("a") as errors:
        process = subprocess.Popen(  # noqa: S603 our own program
            command_that_dies_with_us([sys.executable, "-m", "services", *words]),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=os.environ | _AS_DEMONSTRATION,
        )
    try:
        yield _as_told(application, process, log)
    finally:
        process.terminate()
        process.wait(_STOPPING_SECONDS)
        if process.stdout is not None:
            process.stdout.close()


def _as_told(application: Application, process: "subprocess.Popen[str]", log: Path) -> Served:
    told = "" if process.stdout is None else process.stdout.readline()
    if not told:
        raise RuntimeError(f"the program did not start; it says why in {log}")
    address = urlsplit(json.loads(told)["url"])
    cpu = cpu_of_installation(process.pid, application.settings.data)
    return Served(application, address.hostname or "", address.port or 0, cpu)


# A practitioner with a session of the portal, whose own token a partner may bring.


class Visitor:
    """The practitioner of the invented families, as a browser and a partner act for them.

    Or somebody else who works there.
    """

    def __init__(self, served: Served, person: PractitionerId = VISITOR) -> None:
        self._http = HTTPConnection(served.host, served.port)
        self._used = time.monotonic()
        self.cookie = ""
        answer, _ = self.send("POST", "/sign-in", {"person": person})
        told = answer.getheader("Set-Cookie") or ""
        if answer.status != HTTPStatus.SEE_OTHER or not told:
            raise RuntimeError(f"nobody was signed in: status {answer.status}")
        self.cookie = told.partition(";")[0]
        self._partner: tuple[str, ECKey] | None = None
        self._application = served.application

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def send(
        self, method: str, path: str, form: Mapping[str, str] | None = None
    ) -> tuple[HTTPResponse, bytes]:
        """Send a request in the session, if there is one yet; the answer and its body."""
        if time.monotonic() - self._used > _KEPT_SECONDS:
            self._http.close()  # the server would; the next request opens it again
        self._used = time.monotonic()
        headers = {"Cookie": self.cookie} if self.cookie else {}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._http.request(method, path, None if form is None else urlencode(form), headers)
        answer = self._http.getresponse()
        return answer, answer.read()

    def form_token(self, page: str) -> str:
        """What a form of that page has to be sent with; the same for all such forms."""
        answer, body = self.send("GET", page)
        found = re.search(_CSRF, body[body.rfind(b"<main") :])
        if answer.status != HTTPStatus.OK or found is None:
            raise RuntimeError(f"there is no form on the page: status {answer.status}")
        return found[1].decode()

    def bearer(self) -> str:
        """A fresh access token with which a partner reads families for this practitioner."""
        if self._partner is None:
            self._partner = _onboarded(self._application)
        name, key = self._partner
        theirs = self._json("GET", f"/token-for-a-partner?{urlencode({'partner': name})}")
        place = self._json("GET", METADATA_PATH)["token_endpoint"]
        given = self._json(
            "POST",
            urlsplit(place).path,
            {
                "grant_type": EXCHANGE_GRANT,
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": _assertion(name, key, place),
                "subject_token": theirs["subject_token"],
                "subject_token_type": _ID_TOKEN,
                "purpose": Purpose.DIRECT_CARE.value,
            },
        )
        return str(given["access_token"])

    def _json(self, method: str, path: str, form: Mapping[str, str] | None = None) -> Any:
        answer, body = self.send(method, path, form)
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"{method} {path.partition('?')[0]}: status {answer.status}")
        return json.loads(body)


def _onboarded(application: Application) -> tuple[str, ECKey]:
    """A partner of its own for this run, with more than it will ever ask for."""
    name = "bench-" + "".join(secrets.choice(_LETTERS) for _ in range(12))
    key = ECKey.generate_key("P-256")
    command = AddPartner(
        name,
        frozenset({Scope.FAMILIES_READ}),
        pace=_UNHURRIED,
        keys=keys_from_pem(key.as_pem(private=False)),
        agencies=frozenset({AGENCY}),
    )
    with onboarding(application.outside(DatabaseRole.OWNER), by="job:bench") as book:
        add_partner(command, onboarding=book)
    return name, key


def _assertion(name: str, key: ECKey, place: str) -> str:
    claims = {"iss": name, "sub": name, "aud": place, "exp": int(time.time()) + 60}
    header = {"alg": "ES256", "kid": key.thumbprint()}
    return jwt.encode(header, claims | {"jti": secrets.token_hex(16)}, key)
