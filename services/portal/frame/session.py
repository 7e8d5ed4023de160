"""A session's secret: in which cookie it travels, and which forms only that session can send."""

import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """How the secret travels. `__Host-` binds it to this host and to https (RFC 6265bis)."""

    secure: bool

    @property
    def name(self) -> str:
        """The cookie's name; without `secure` a browser refuses the prefix."""
        return "__Host-tell-once" if self.secure else "tell-once"

    def read(self, request: Request) -> str | None:
        """Give the secret the request came with, or None."""
        return request.cookies.get(self.name)

    def give(self, response: Response, secret: str) -> None:
        """Have the browser keep the secret until it is closed."""
        response.set_cookie(
            self.name, secret, path="/", secure=self.secure, httponly=True, samesite="lax"
        )

    def take_back(self, response: Response) -> None:
        """Have the browser forget the secret."""
        response.delete_cookie(
            self.name, path="/", secure=self.secure, httponly=True, samesite="lax"
        )


@dataclass(frozen=True, slots=True)
class BrowserCookie:
    """A secret by which a browser is known to be the one that began, whoever is signed in.

    It binds a sign-in to the browser that began it, and seals what is typed when a session ends.
    """

    secure: bool

    @property
    def name(self) -> str:
        """The cookie's name, with the prefix that binds it to this host."""
        return "__Host-tell-once-browser" if self.secure else "tell-once-browser"

    def read(self, request: Request) -> str | None:
        """Give the secret the request came with, or None for none that we could have given."""
        found = request.cookies.get(self.name, "")
        return found if len(found) == _BROWSER_LENGTH else None

    def read_or_make(self, request: Request) -> str:
        """Give the browser's secret, or a new one to be given to it."""
        return self.read(request) or secrets.token_urlsafe(_BROWSER_BYTES)

    def give(self, response: Response, secret: str) -> None:
        """Have the browser keep it for an hour."""
        response.set_cookie(
            self.name,
            secret,
            max_age=_BROWSER_SECONDS,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def take_back(self, response: Response) -> None:
        """Have the browser forget it."""
        response.delete_cookie(
            self.name, path="/", secure=self.secure, httponly=True, samesite="lax"
        )


_BROWSER_BYTES, _BROWSER_LENGTH = 32, 43
_BROWSER_SECONDS = 3600

# Forms that only the session which was shown them can send.


class FormPurpose(StrEnum):
    """What a form does. A token for one purpose is worth nothing for another."""

    SIGN_OUT = "sign-out"
    FIND_FAMILY = "find-family"
    ADD_STORY = "add-story"
    CORRECT_STORY = "correct-story"
    CONFIRM_STORY = "confirm-story"
    KEEP_STORY = "keep-story"
    WRITE_HELP = "write-help"
    WRITE_STEP = "write-step"
    SAY_INVOLVED = "say-involved"
    RECORD_DECISION = "record-decision"
    CONFIRM_DECISION = "confirm-decision"
    WITHDRAW_DECISION = "withdraw-decision"
    REPLACE_DECISION = "replace-decision"
    OBJECT_TO_DECISION = "object-to-decision"
    END_DECISION = "end-decision"
    INVALIDATE_DECISION = "invalidate-decision"
    PROTECT = "protect"
    TAKE_OFF = "take-off"
    NAME_EXCLUDED = "name-excluded"
    JOIN_PEOPLE = "join-people"
    KEEP_PEOPLE_APART = "keep-people-apart"
    UNDO_JOIN = "undo-join"
    CONFIRM_PEOPLE = "confirm-people"
    ASK_SOURCES = "ask-sources"
    ACCEPT_PARKED = "accept-parked"
    DISCARD_PARKED = "discard-parked"
    SHOW_AS_SENT = "show-as-sent"
    ASK_ABOUT_PARKED = "ask-about-parked"
    ANSWER_LIST = "answer-list"
    CHECK_LIST = "check-list"
    EMERGENCY = "emergency"
    STAND_FOR_EMERGENCY = "stand-for-emergency"
    SEEN_EMERGENCY = "seen-emergency"
    ASK_TO_WORK_WITH = "ask-to-work-with"
    ANSWER_REQUEST = "answer-request"
    CLOSE_FAMILY = "close-family"
    FAMILY_IS_HERE = "family-is-here"
    CONFIRM_FAMILY = "confirm-family"
    WRITE_SHEET = "write-sheet"
    OWN_PAGE = "own-page"
    ANSWER_CONFIRMATION = "answer-confirmation"
    ANSWER_ORDER = "answer-order"
    JUDGE_HIT = "judge-hit"
    REVIEW_ACCESS = "review-access"
    ANSWER_FAMILY = "answer-family"
    ASK_GOVERNANCE = "ask-governance"
    DISOWN_USE = "disown-use"
    WRITE_LISTED = "write-listed"
    REGISTER_PARTNER = "register-partner"
    FIND_SERVICE = "find-service"
    ASK_SERVICE = "ask-service"
    CHANGE_REQUEST = "change-request"
    CHOOSE_ACCOUNT = "choose-account"
    CHANGE_ACCOUNT = "change-account"
    SIGN_IN_AGAIN = "sign-in-again"
    END_SESSION = "end-session"
    END_SOMEBODYS_SESSION = "end-somebodys-session"
    ACCEPT_CONDITIONS = "accept-conditions"
    ADD_AGENCY = "add-agency"
    CHANGE_STAFF = "change-staff"
    ACT_ON_STAFF = "act-on-staff"
    JOIN_SIGN_IN = "join-sign-in"
    IMPORT_STAFF = "import-staff"
    WRITE_COVER = "write-cover"
    NAME_A_FAMILY = "name-a-family"
    MAKE_EXPORT = "make-export"


TOKEN_FIELD = "csrf"  # noqa: S105  the name of the field, not a secret


def form_token(secret: bytes, purpose: str) -> str:
    """Make the hidden field's value: HMAC-SHA-256 of the purpose under the session's secret."""
    return hmac.digest(secret, purpose.encode("utf-8"), "sha256").hex()


def is_form_token(token: str, secret: bytes, purpose: str) -> bool:
    """Tell in constant time whether the token is the session's own for this purpose."""
    return hmac.compare_digest(token.encode("utf-8"), form_token(secret, purpose).encode("utf-8"))


def is_any_form_token(token: str, secret: bytes) -> bool:
    """Tell whether the token is the session's own for any purpose."""
    return any(is_form_token(token, secret, purpose) for purpose in FormPurpose)


# Tell a request that another site made from one that our own pages or a plain client made.

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_PAGES = frozenset({"same-origin", "none"})


def is_cross_site(request: Request) -> bool:
    """Say whether the request would change something and comes from another site's page.

    Browsers say so in Sec-Fetch-Site (W3C Fetch Metadata) and in Origin; a plain client sends
    neither, and a browser cannot be made to leave both out.
    """
    if request.method in _SAFE_METHODS:
        return False
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None and fetch_site not in _OWN_PAGES:
        return True
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")
