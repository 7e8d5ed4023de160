"""Serves Canaille on loopback, with one person and one client; run by Canaille's own Python.

Told on standard input as JSON: `user`, `password`, `secret` (of one-time codes), `now`, `client`
(its metadata), `key` (by which it signs) and `claims`, which it says beside its own: Canaille knows
no claims of Microsoft's, so they are added where it gathers those of a user. Says its address.
"""

import json
import sys
from datetime import datetime

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.oidc import provider, userinfo
from werkzeug.serving import WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        pass


def main() -> None:
    """Make it, and serve until killed."""
    told = json.load(sys.stdin)
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=_Quiet)
    where = f"127.0.0.1:{server.server_port}"
    server.app = create_app(
        {
            "SECRET_KEY": "not a real secret",
            "SERVER_NAME": where,
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {
                "DATABASE": "memory",
                "AUTHENTICATION_FACTORS": ["password", "otp"],
                "CAPTCHA_ENABLED": False,
            },
            "CANAILLE_OIDC": {"ACTIVE_JWKS": [told["key"]]},
        }
    )
    _say_more(told["claims"])
    with server.app.app_context():
        _fill(told, f"http://{where}")
    sys.stdout.write(f"http://{where}\n")
    sys.stdout.flush()
    server.serve_forever()


def _say_more(claims: dict[str, object]) -> None:
    """Have it say these claims of everybody, in its ID tokens and at userinfo."""
    scopes = userinfo.UserInfo.SCOPES_CLAIMS_MAPPING
    scopes["openid"] = [*scopes.get("openid", []), *claims]
    own = userinfo.generate_user_claims
    provider.generate_user_claims = lambda *args: {**own(*args), **claims}


def _fill(told: dict[str, str], here: str) -> None:
    now = datetime.fromisoformat(told["now"])
    user = models.User(
        user_name=told["user"],
        formatted_name="Vera Invented",
        family_name="Invented",
        emails=["vera@example.org"],
        password=told["password"],
        secret_token=told["secret"],
        last_otp_login=now,
    )
    Backend.instance.save(user)
    # one whose address is its own it does not ask for consent about
    client = models.Client(client_id_issued_at=now, client_uri=here, **told["client"])
    Backend.instance.save(client)
    client.audience = [client]
    Backend.instance.save(client)


if __name__ == "__main__":
    main()
