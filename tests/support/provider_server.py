"""Providers of sign-in on loopback: honest ones, that a test then has say whatever it likes.

A provider checks what an honest one checks (redirect address, PKCE, who we are, that a code is
used once); what it answers is taken from `Provides`, where a test puts its lies.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey

from services.people.signing_in.ports import Begun, Returned
from services.people.signing_in.providers import Provider, ProviderKind, read_providers
from tests.support.signing_in import (
    CLIENT,
    ROLES_ANSWERED,
    id_claims,
    issuer_of,
    published_keys,
    settings_of,
    signed,
    write_settings,
)

HERE = "https://tell-once.example"
_SECRET = OctKey.import_key(b"not a real secret")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it goes over the wire; `pace` writes the body in its own way."""

    content: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pace: Callable[[Any, bytes], None] | None = None


def in_json(document: object, status: int = 200) -> Reply:
    """Answer as honest ones do."""
    return Reply(json.dumps(document).encode(), status, {"Content-Type": "application/json"})


@dataclass(slots=True)
class Provides:
    """What one provider says, and what it was asked.

    `claims`, `metadata`, `userinfo`, `given` and `roles` change what it would say; `sign` makes the
    ID token of its claims; `replies` are answers in place of its own, by the end of their path.
    """

    profile: ProviderKind
    base: str
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    roles: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=lambda: dict(published_keys().as_dict()))
    sign: Callable[[Mapping[str, Any]], str] = signed
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    assertions: set[str] = field(default_factory=set)

    @property
    def issuer(self) -> str:
        """Its name, under which it is asked too."""
        return f"{self.base}/{self.profile.value}"

    def let_in(self, address: str) -> str:
        """Let in whom the browser brings; give the code for the address back."""
        asked = {name: one for name, (one,) in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.issuer}/authorize?")
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == f"{HERE}/sign-in/back/{self.profile.value}"
        assert "openid" in asked["scope"].split(" ")
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code

    def answer(self, path: str, form: Mapping[str, str] | None, bearer: str) -> Reply:
        """Answer one question."""
        self.asked.append(path)
        for end, reply in self.replies.items():
            if path.endswith(end):
                return reply
        found = in_json({"error": "not_found"}, 404)
        match path.split("/"):
            case ["", ".well-known", "openid-configuration"]:
                found = in_json(self._metadata())
            case ["", "keys"]:
                found = in_json(self.keys)
            case ["", "token"] if form is not None:
                found = self._tokens(form)
            case ["", "userinfo"] if bearer == "access-token":
                found = in_json(self._userinfo())
            case ["", "services", "tell-once", "organisations", organisation, "users", user]:
                found = self._roles(organisation, user, bearer)
        return found

    def _metadata(self) -> dict[str, Any]:
        names = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
            "userinfo_endpoint": "userinfo",
            "end_session_endpoint": "sign-out",
        }
        addresses = {name: f"{self.issuer}/{end}" for name, end in names.items()}
        return {"issuer": self.issuer, **addresses, **self.metadata}

    def _tokens(self, form: Mapping[str, str]) -> Reply:
        self.forms.append(dict(form))
        if not self._is_us(form):
            return in_json({"error": "invalid_client", "error_description": "who?"}, 401)
        asked = self.codes.pop(form["code"], None)
        verifier = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge:
            return in_json({"error": "invalid_grant", "error_description": "no"}, 400)
        assert form["redirect_uri"] == asked["redirect_uri"]
        assert form["grant_type"] == "authorization_code"
        claims = {**self.id_claims(), "nonce": asked["nonce"], **self.claims}
        told = {name: one for name, one in claims.items() if one is not ...}
        given = {
            "access_token": "access-token",
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.sign(told),
            **self.given,
        }
        return in_json({name: one for name, one in given.items() if one is not ...})

    def id_claims(self) -> dict[str, Any]:
        """Whom it would let in."""
        return {**id_claims(self.profile), "iss": self.issuer}

    def _userinfo(self) -> dict[str, Any]:
        return {"sub": id_claims(self.profile)["sub"], **self.userinfo}

    def _is_us(self, form: Mapping[str, str]) -> bool:
        """Check the assertion as RFC 7523 says: by our key, for here, for a minute, once."""
        assert form["client_assertion_type"].endswith(":jwt-bearer")
        try:
            found = jwt.decode(form["client_assertion"], _our_key(), algorithms=["ES256"])
        except JoseError:
            return False
        told = found.claims
        is_new = told["jti"] not in self.assertions
        self.assertions.add(told["jti"])
        is_for_us = told["aud"] in {f"{self.issuer}/token", self.issuer}
        is_short = 0 < told["exp"] - told["iat"] <= 60
        is_named = told["iss"] == told["sub"] == CLIENT and found.header["kid"] == "ours"
        return is_new and is_for_us and is_short and is_named

    def _roles(self, organisation: str, user: str, bearer: str) -> Reply:
        told = jwt.decode(bearer, _SECRET, algorithms=["HS256"]).claims
        if told["iss"] != CLIENT or told["aud"] != "signin.education.gov.uk":
            return in_json({}, 401)
        who = {"organisationId": organisation, "userId": user, "serviceId": "tell-once"}
        return in_json({**who, **ROLES_ANSWERED, **self.roles})


@cache
def _our_key() -> ECKey:
    """Give our key, which the providers know; reading one for RSA costs ten times as much."""
    return ECKey.generate_key("P-256")


@contextmanager
def providers_on_loopback() -> Iterator[Callable[[], dict[ProviderKind, Provides]]]:
    """Serve one provider of each kind; each call of what is given makes them honest anew."""
    present: dict[str, Provides] = {}

    class _Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._reply(None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._reply({name: one for name, (one,) in parse_qs(body).items()})

        def _reply(self, form: Mapping[str, str] | None) -> None:
            _, name, path = self.path.split("/", 2)
            bearer = (self.headers["Authorization"] or "").removeprefix("Bearer ")
            reply = present[name].answer(f"/{path}", form, bearer)
            self.send_response(reply.status)
            for header in reply.headers.items():
                self.send_header(*header)
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            with suppress(OSError):  # whoever asked may be tired of waiting
                (reply.pace or _at_once)(self.wfile, reply.content)

        def log_message(self, *_: Any) -> None:
            pass

    class _Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Whoever asked hangs up when they had enough: that is what is tested."""

    server = _Server(("127.0.0.1", 0), _Handler)
    thread = Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()

    def anew() -> dict[ProviderKind, Provides]:
        base = f"http://127.0.0.1:{server.server_port}"
        made = {kind: Provides(kind, base) for kind in ProviderKind}
        present.update({kind.value: one for kind, one in made.items()})
        return made

    try:
        yield anew
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _at_once(wire: Any, content: bytes) -> None:
    wire.write(content)


def settings_on(folder: Path, provides: Mapping[ProviderKind, Provides], more: str = "") -> Path:
    """Write a file that names them all, `more` being settings of each."""
    texts = []
    for kind, one in provides.items():
        text = settings_of(kind, more).replace(issuer_of(kind), one.issuer)
        texts.append(text.replace("https://api.dfe.example/services", f"{one.issuer}/services"))
    path = write_settings(folder, *texts)
    (folder / "ours.pem").write_bytes(_our_key().as_pem(private=True))
    return path


def providers_of(
    folder: Path, provides: Mapping[ProviderKind, Provides], more: str = ""
) -> tuple[Provider, ...]:
    """Give them as the settings name them."""
    return read_providers(settings_on(folder, provides, more), is_demonstration=True)


def begun_with(profile: ProviderKind, *, is_fresh: bool = False, number: int = 1) -> Begun:
    """Begin a sign-in; another number is another one."""
    secrets = (f"{word}-{number}-".ljust(43, "x") for word in ("state", "nonce", "verifier"))
    return Begun(profile.value, *secrets, is_fresh=is_fresh)


def returned_to(profile: ProviderKind, code: str | None, **more: Any) -> Returned:
    """Come back to the address of a provider with a code."""
    told = {"error": None, "issuer": None, **more}
    return Returned(profile.value, code, **told)
