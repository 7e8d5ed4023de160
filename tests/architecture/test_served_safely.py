"""What is served says what it is and nothing more, and asks nobody whom it was not told to ask."""

import ast
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import structlog

from services.platform.logging import LogEvent, configure_logging
from tests.architecture.test_access_doors import routes
from tests.architecture.test_no_text_at_the_doors import the_doors
from tests.support.checkout import ROOT, our_modules
from tests.support.deployed import DEPLOY, nginx_directives
from tests.support.each_case import each_case

_SOURCES = {str(p.relative_to(ROOT)): p.read_text() for p in our_modules()}
_PAGES = ("/families/{person}", "/audit/", "/staff")
_KINDS = {"text/html; charset=utf-8", "application/json", "application/problem+json"}
# Addresses of no page are described by an application that is never served.
_DESCRIBED_ALONE = "services/interfaces/family_door/looking/data.py"
# What is listed there is public, and has neither key nor cookie.
_READ_BY_ANY_PAGE = "services/interfaces/directory/serving/open_referral.py"
_CALLS_OUT = re.compile(
    r"\b(?:from|import) (?:http\.client|urllib\.request|urllib3|requests|httpx2?|smtplib"
    r"|imaplib|ftplib|mesh_client|kafka|aiohttp)\b|\bcreate_connection\("
)
# Whoever is asked by each, and where it is said who that is.
_ASKED = {
    "services/interfaces/directory/feeds/fetching.py": "feeds that an operator added",
    "services/ledger/": "witnesses, by a setting",
    "services/people/signing_in/": "providers of sign-in, by a file",
    "services/platform/bus/": "the bus, by a setting",
    "services/platform/mailbox/mesh.py": "MESH, by a setting",
    "services/platform/messages/": "mail server and gateways, by settings",
}
_COOKIES_SET = {
    "services/interfaces/family_door/frame.py": "random: the session, or the browser",
    "services/interfaces/family_door/rooms.py": "a language",
    "services/portal/frame/session.py": "random: the session, or the browser",
}


def test_every_answer_to_a_stranger_says_what_it_is() -> None:
    """Its type, and that browsers are not to guess; pages are looked at as they are fetched."""
    walked: set[str] = set()
    with each_case() as case:
        for doors in the_doors():
            for route in sorted(routes(doors.app)):
                method, path = route.split(" ")
                if method != "GET" or path.startswith(_PAGES):
                    continue
                address = path.replace("{", "").replace("}", "").replace(":path", "")
                answer = doors.http.get(address, headers=doors.headers, follow_redirects=False)
                if not answer.content:
                    continue
                walked.add(answer.headers["content-type"])
                with case(route):
                    assert answer.headers.get("x-content-type-options") == "nosniff"

    assert walked == _KINDS
    assert all("charset=utf-8" in kind for kind in walked if kind.startswith("text/"))


def test_nothing_is_served_for_whoever_mends_it() -> None:
    """No debugging, no pages that describe routes, no folder as it lies (ASVS 13.4.2, 13.4.3)."""
    made = {}
    for name, source in _SOURCES.items():
        assert not re.search(r"StaticFiles|\bdebug=|\breload=", source), name
        if "FastAPI(" in source or "Starlette(" in source:
            made[name] = list(_made_with(source))

    assert len(made) > 8
    for name, all_words in made.items():
        for words in all_words:
            closed = {"docs_url", "redoc_url", "openapi_url"} <= words
            assert closed or name == _DESCRIBED_ALONE, name


def test_the_proxy_lists_no_folder_and_keeps_no_answer() -> None:
    """It passes on, and neither serves files nor remembers (ASVS 13.4.3, 14.2.2)."""
    found = {
        name
        for path in sorted((DEPLOY / "proxy").rglob("*.conf"))
        for _, name, _ in nginx_directives(path.read_text())
    }

    assert "proxy_pass" in found
    assert not {name for name in found if name.startswith(("autoindex", "proxy_cache", "dav_"))}
    assert not {"alias", "index", "proxy_store", "root", "try_files"} & found


def test_the_proxy_offers_ciphers_of_today_alone() -> None:
    """With forward secrecy and authenticated encryption, each of them (ASVS 12.1.2)."""
    values = {
        name: value for _, name, value in nginx_directives((DEPLOY / "proxy/site.conf").read_text())
    }
    ciphers = values["ssl_ciphers"].split(":")

    assert len(ciphers) >= 4
    for cipher in ciphers:
        assert re.fullmatch(r"ECDHE-(?:ECDSA|RSA)-(?:AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)", cipher)


def test_no_other_site_s_page_may_read_but_what_is_public() -> None:
    """One door says so, and it has nobody's record (ASVS 3.4.2)."""
    said = {
        name
        for name, source in _SOURCES.items()
        if "access-control-" in source.lower() or "CORSMiddleware" in source
    }

    assert said == {_READ_BY_ANY_PAGE}


def test_who_is_asked_is_said_in_the_settings() -> None:
    """Each module that calls out, and whom (ASVS 13.2.4)."""
    calling = {name for name, source in _SOURCES.items() if _CALLS_OUT.search(source)}

    assert {name for name in calling if not name.startswith(tuple(_ASKED))} == set()
    assert {place for place in _ASKED if not any(n.startswith(place) for n in calling)} == set()


def test_browsers_keep_nothing_of_anybody() -> None:
    """Cookies are random or a language; our script writes nothing (ASVS 3.2.2, 14.3.3)."""
    setting = {name for name, source in _SOURCES.items() if ".set_cookie(" in source}
    scripts = {p.name: p.read_text() for p in (ROOT / "services").rglob("static/*.js")}
    pages = [p.read_text() for p in (ROOT / "services").rglob("templates/**/*.html")]

    assert setting == set(_COOKIES_SET)
    assert set(scripts) == {"app.js", "govuk-frontend.min.js"}
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert not [name for name, script in scripts.items() if sink in script], sink
    for store in ("localStorage", "indexedDB", "document.cookie"):
        assert not [name for name, script in scripts.items() if store in script], store
    # Whether a part of an accordion is open is kept by the one of them, and we have none.
    assert "sessionStorage" not in scripts["app.js"]
    assert len(pages) > 30
    assert not [page for page in pages if "accordion" in page]


def test_a_line_of_a_log_says_when_where_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    """As one line of JSON in UTC, whatever is in it (ASVS 16.2.1, 16.2.4, 16.4.1)."""
    try:
        log = configure_logging("portal")
        log.warning(LogEvent.STEP_FAILED.value, step='a\r\n{"event": "forged"}\u2028\x1b[2J')
    finally:
        structlog.reset_defaults()

    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert line.isascii()
    assert line.isprintable()
    assert {name: told[name] for name in ("event", "level", "process")} == {
        "event": "step_failed",
        "level": "warning",
        "process": "portal",
    }
    assert datetime.fromisoformat(told["timestamp"]).utcoffset() == timedelta()


def test_logs_go_to_standard_error_alone() -> None:
    """Where runbook 000 says that they are (ASVS 16.2.3)."""
    said = r"FileHandler|SysLogHandler|SocketHandler|HTTPHandler|logging\.handlers|basicConfig"
    runbook = (ROOT / "deploy/runbooks/000-service.md").read_text()

    assert not [name for name, source in _SOURCES.items() if re.search(said, source)]
    assert [n for n, s in _SOURCES.items() if "structlog.configure(" in s] == [
        "services/platform/logging.py"
    ]
    assert "Logs are one JSON line an event, in `DIR/logs` or on standard error" in runbook


def _made_with(source: str) -> Iterator[set[str]]:
    """By what words applications are made there, that are None."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="FastAPI" | "Starlette"), keywords=words):
                yield {
                    str(word.arg)
                    for word in words
                    if isinstance(word.value, ast.Constant) and word.value.value is None
                }
