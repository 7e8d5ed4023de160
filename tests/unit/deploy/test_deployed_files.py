"""What is deployed names only what there is: settings, commands, ports, paths, limits, users."""

import json
import re
from pathlib import Path

import pytest

from services.audit.integrity.seen import port
from services.bootstrap import DatabaseRole
from services.cli.commands import build_parser
from services.interfaces.access.app import MOST_BYTES
from services.interfaces.directory.entries.postgres import DirectoryRole
from services.interfaces.health import LIVE_PATH, READY_PATH
from services.interfaces.partners.edge import PUSH_BYTES
from services.interfaces.partners.oauth.routes import _MOST_BYTES as TOKEN_BYTES
from services.platform.processes.connections import BODY_SECONDS, HEAD_SECONDS, MOST_HEAD_BYTES
from services.platform.settings import Settings, secret_settings
from services.portal.frame.forms import MAX_FORM_BYTES
from tests.support import strimzi
from tests.support.deployed import (
    CHART,
    DEPLOY,
    DOORS,
    PLATFORM,
    RUNBOOKS,
    chart_commands,
    compose,
    compose_commands,
    deployed_files,
    nginx_directives,
    settings_in,
    unit_commands,
    units,
)

SECRETS = set(secret_settings(Settings.model_fields))
# What the chart says itself, or what has no place in a cluster.
_NOT_TOLD_TO_THE_CHART = {
    "answering_port",
    "answering_url",
    "bounces_folder",
    "bus_certificate",
    "bus_key",
    "bus_user",
    "cookie_secure",
    "data",
    "directory_port",
    "directory_url",
    "environment",
    "family_port",
    "family_url",
    "folder_settle_seconds",
    "listen",
    "metrics_listen",
    "metrics_port",
    "port",
    "public_url",
    "schools_folder",
    "tls_certificate",
    "tls_key",
    "workers",
}
_KIB = 1024
_REGISTRIES = re.compile("py" + r"pi\.|python" + r"hosted|npm" + r"js\.|crates\.io|index-" + "url")
_SECRETS_IN_TEXT = re.compile(
    r"PRIVATE KEY-----|(?i:pass(?:word|wd)|token|secret)['\"]?\s*[:=]\s*['\"]?[A-Za-z0-9+/]{16,}"
)


def test_only_settings_that_exist_are_named():
    """A misspelt one would be told to nobody."""
    known = set(Settings.model_fields) | {f"{name}_file" for name in SECRETS}
    named = {
        str(path.relative_to(DEPLOY)): unknown
        for path in (*deployed_files(), *RUNBOOKS)
        if (unknown := settings_in(path.read_text()) - known)
    }

    assert not named
    assert settings_in((DEPLOY / "compose.yaml").read_text()) >= {"bus", "database_file", "listen"}


def test_the_chart_takes_every_setting_and_no_other():
    """Its schema lists them, and a new setting has to be placed."""
    properties = json.loads((CHART / "values.schema.json").read_text())["properties"]
    plain = set(properties["settings"]["propertyNames"]["enum"])
    secret = set(properties["secrets"]["propertyNames"]["enum"])

    assert secret == SECRETS - {"database", "own_database", "bus_password"}
    assert plain == set(Settings.model_fields) - SECRETS - _NOT_TOLD_TO_THE_CHART


def test_secrets_are_told_as_files_alone():
    """Neither an environment of a container nor a unit has one."""
    told = [
        f"{name}: {variable}"
        for name, service in compose()["services"].items()
        for variable in service.get("environment", {})
        if variable.removeprefix("TELL_ONCE_").lower() in SECRETS
    ]
    told += [
        f"{name}: {value}"
        for name, lines in units().items()
        for key, value in lines
        if key == "Environment" and settings_in(value) & SECRETS
    ]
    lines = (DEPLOY / "systemd/secrets.conf").read_text().splitlines()
    credentials = {line.split("=")[1].split(":")[0] for line in lines if line.startswith("Load")}

    assert not told
    assert credentials == SECRETS


def test_no_secret_and_no_registry_stands_in_a_file():
    """Images have names, and where they come from is the machine's to know."""
    found = [
        f"{path.relative_to(DEPLOY)}:{number}"
        for path in deployed_files()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if _REGISTRIES.search(line) or _SECRETS_IN_TEXT.search(line)
    ]
    images = [service.get("image", "") for service in compose()["services"].values()]
    images += re.findall(r"(?m)^\s*(?:image|repository): *\"?([^\s\"]+)", _values(CHART))
    images += re.findall(r"(?m)^ARG BASE=(\S+)", (DEPLOY / "Dockerfile").read_text())

    assert not found
    assert len(images) > 10
    assert not [image for image in images if "." in image.partition("/")[0].partition(":")[0]]


def _values(chart: Path) -> str:
    return (chart / "values.yaml").read_text()


def _commands() -> set[tuple[str, ...]]:
    """What every container, unit and job runs of ours."""
    return {*compose_commands().values(), *unit_commands().values(), *chart_commands()}


def test_every_command_that_is_run_is_one():
    """With its words, as the program reads them."""
    commands = _commands()

    assert {("portal",), ("ledger", "verify"), ("erase", "carry-out"), ("serve",)} <= commands
    for words in commands:
        assert build_parser(words).parse_args(words).command == words[0]


def test_health_is_asked_where_there_is_an_answer():
    """Of the portal at its own port, of other parts at theirs for metrics; nobody from outside."""
    asked = (DEPLOY / "container/tell-once-health").read_text()
    behind = (DEPLOY / "proxy/container/extra-health.conf").read_text()
    chart = (CHART / "templates/portal.yaml").read_text()
    parts = (CHART / "templates/parts.yaml").read_text()
    outside = list(nginx_directives((DEPLOY / "proxy/site.conf").read_text()))

    assert (LIVE_PATH, READY_PATH) == (port.LIVE_PATH, port.READY_PATH)
    for text in (asked, behind, parts):
        assert LIVE_PATH in text
        assert READY_PATH in text
    assert f"path: {READY_PATH}\n" in chart
    assert parts.count("scheme: HTTPS") == 3
    assert ("location /health/", "return", "404") in outside
    services = compose()["services"]
    checks = {name: service["healthcheck"].get("test") for name, service in services.items()}
    assert LIVE_PATH in str(checks["proxy"])
    for name, words in compose_commands().items():
        its_own = ["part"] if name not in DOORS else []
        once = words in {("migrate",), ("erase", "carry-out"), ("ledger", "verify")}
        assert checks[name] == (None if once else ["CMD", "tell-once-health", "ready", *its_own])


def test_the_directory_has_no_key_and_no_log():
    """What is public holds nothing that opens a record, and nobody notes what is looked for."""
    services = compose()["services"]
    proxies = list((DEPLOY / "proxy").rglob("extra-directory.conf"))

    assert services["directory"]["volumes"] == services["directory-feeds"]["volumes"] == []
    assert "claimName" not in (CHART / "templates/directory.yaml").read_text()
    assert len(proxies) == 2
    for path in proxies:
        said = {name: value for _, name, value in nginx_directives(path.read_text())}
        assert (said["access_log"], said["error_log"]) == ("off", "stderr crit")


def test_ports_are_those_that_are_served():
    """The portal's own default, behind the proxy's."""
    default = Settings.model_fields["port"].default
    upstreams = [*(DEPLOY / "proxy").rglob("upstream.conf"), CHART / "files/upstream.conf"]

    assert len(upstreams) == 3
    assert all(re.search(rf"server [\w.]+:{default};", path.read_text()) for path in upstreams)
    assert f"EXPOSE {default}\n" in (DEPLOY / "Dockerfile").read_text()
    assert compose()["services"]["proxy"]["ports"] == ["443:8443"]
    assert "listen 8443 ssl" in (DEPLOY / "proxy/container/listen.conf").read_text()


def test_the_proxy_s_limits_are_the_program_s():
    """What is too slow or too long for it is so for us; twice as long a body, so that we say it."""
    found = list(nginx_directives((DEPLOY / "proxy/site.conf").read_text()))
    said = {(block, name): value for block, name, value in found}
    number, size = said["server", "large_client_header_buffers"].split()
    bodies = {
        block: _bytes(value) for block, name, value in found if name == "client_max_body_size"
    }

    assert said["server", "client_header_timeout"] == f"{HEAD_SECONDS:.0f}s"
    assert said["server", "client_body_timeout"] == f"{BODY_SECONDS:.0f}s"
    assert int(number) * _bytes(size) == MOST_HEAD_BYTES
    assert bodies == {
        "server": 2 * MAX_FORM_BYTES,
        "location /partners/": 2 * PUSH_BYTES,
        "location /access/": 2 * MOST_BYTES,
        "location /oauth/": 2 * TOKEN_BYTES,
    }


def _bytes(size: str) -> int:
    return int(size[:-1]) * {"k": _KIB, "m": _KIB * _KIB}[size[-1]]


def test_the_proxy_speaks_tls_of_today_and_hides_nothing():
    """Host as it came, and what the program answers as it answered."""
    found = list(nginx_directives((DEPLOY / "proxy/site.conf").read_text()))
    values = {name: value for _, name, value in found}
    headers = {value.split(maxsplit=1)[0]: value for _, name, value in found if "_header" in name}

    assert values["ssl_protocols"] == "TLSv1.2 TLSv1.3"
    assert "max-age=63072000" in headers["Strict-Transport-Security"]
    assert headers["Host"] == "Host $http_host"
    assert values["proxy_intercept_errors"] == "off"
    assert not {"proxy_hide_header", "proxy_ignore_headers", "error_page"} & set(values)
    assert {value for _, name, value in found if name == "access_log"} == {"off"}


def test_the_chart_s_copies_are_copies():
    """Helm reads no file outside the chart."""
    copies = {path.name: path.read_text() for path in (CHART / "files").iterdir()}
    proxy = DEPLOY / "proxy"

    assert copies == {
        "nginx.conf": (proxy / "nginx.conf").read_text(),
        "site.conf": (proxy / "site.conf").read_text(),
        "upstream.conf": (proxy / "server/upstream.conf").read_text(),
        "listen-others.conf": (proxy / "container/listen-others.conf").read_text(),
        "extra-health.conf": (proxy / "container/extra-health.conf").read_text(),
    }


def test_topics_and_users_of_the_bus_are_those_of_the_program():
    """As `tell-once bus create` makes them: nobody deletes, and only the relay writes."""
    made = {path.name: path.read_text() for path in (PLATFORM / "files").iterdir()}
    names = {user.removeprefix("tell-once-") for user in strimzi.rights()}
    users = json.loads((CHART / "values.schema.json").read_text())["properties"]["busUsers"]
    writers = {
        user
        for user, rights in strimzi.rights().items()
        if any("Write" in right["operations"] for right in rights)
    }

    assert made == strimzi.files()
    assert set(users["properties"]) == names - {"owner"}
    assert writers == {"tell-once-relay"}
    assert "Delete" not in made["rights.json"]


def test_every_user_of_the_database_is_made():
    """By the script, and by the operator in a cluster."""
    parts = {role.value for role in (*DatabaseRole, *DirectoryRole)} - {DatabaseRole.OWNER.value}
    script = (DEPLOY / "container/roles.sql").read_text()
    made = set(re.findall(r"'(tell_once_\w+)'", script))
    with_passwords = set(re.findall(r"ALTER ROLE (\w+) PASSWORD", script))
    cluster = (PLATFORM / "templates/database.yaml").read_text()
    listed = re.findall(r'range list ((?:"\w+" ?)+)', cluster)[0]
    operated = {f"tell_once_{name}" for name in re.findall(r'"(\w+)"', listed)}
    operated |= set(re.findall(r"- name: (tell_once_[a-z]+)", cluster))

    assert made == parts | {"tell_once_health_visiting", "tell_once_portal"}
    assert with_passwords == (parts | {"tell_once_portal"}) - {"tell_once_app"}
    assert operated == parts | {"tell_once_portal"}


@pytest.mark.parametrize("name", sorted(compose()["services"]))
def test_a_container_has_nothing_that_it_does_not_need(name: str):
    """No root, no capability, no end to what it may take, and no network but its own."""
    service = compose()["services"][name]

    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit", "cpus", "healthcheck", "restart"} <= service.keys()
    assert not {"privileged", "network_mode", "cap_add", "pid", "ipc"} & service.keys()
    assert ("ports" in service) == (name == "proxy")
    assert ":latest" not in service["image"]
    if name != "kafka":
        assert service["read_only"] is True
        assert service["user"].split(":")[0] not in {"0", "root"}


def test_who_is_beside_the_database_is_not_beside_the_world():
    """The proxy reaches the portal alone; the database and the bus reach nobody outside."""
    networks = {name: set(s["networks"]) for name, s in compose()["services"].items()}

    assert networks["proxy"] == {"entrance", "front"}
    assert networks["database"] == networks["kafka"] == networks["migrate"] == {"data"}
    assert {n for n, its in networks.items() if "front" in its} == {"proxy", *DOORS}
    assert {n for n, its in networks.items() if "outside" in its} == {
        "portal",
        "family",
        "relay",
        "mailbox",
        "directory-feeds",
    }
    assert [n for n, its in networks.items() if "entrance" in its] == ["proxy"]
    assert [n for n, its in compose()["networks"].items() if its] == ["front", "data"]


@pytest.mark.parametrize("name", [name for name in units() if name.endswith(".service")])
def test_a_unit_is_shut_in(name: str):
    """All of them alike."""
    lines = set(units()[name])

    assert {
        ("User", "tell-once"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("SystemCallFilter", "@system-service"),
        ("UMask", "0077"),
        ("StateDirectoryMode", "0700"),
    } <= lines
    # It would take the embedded database's memory away when a unit of the same user ends.
    assert "RemoveIPC" not in dict(lines)


def test_an_image_holds_the_program_and_nothing_of_a_checkout():
    """What is copied is listed, what runs is no root, and the base has a version."""
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ")]
    sources = {word for words in copied for word in words if not word.startswith(("--", "/"))}

    assert all((DEPLOY.parent / source).exists() for source in sources)
    assert {s for s in sources if not s.startswith("deploy/")} == {
        "connectors",
        "consent",
        "schemas",
        "services",
    }
    assert "USER 10001:10001" in lines
    assert any(re.match(r"ARG BASE=python:3\.11\.\d+-slim-\w+$", line) for line in lines)
    assert not [line for line in lines if re.match(r"(ENV|ARG) .*(PASS|SECRET|TOKEN)", line)]
    assert (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()[1] == "*"
