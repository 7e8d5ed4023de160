"""Every process that goes on running, and every one that is run from time to time, is deployed.

A new one stands in the table below, or these tests fail: by `serve`, in Compose, in a cluster, by
systemd, each with its reason where it is not there. What goes in between goes by TLS.
"""

import re
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Final, cast

import pytest

from services.bootstrap import Application
from services.cli.serving import _children
from services.interfaces.access.app import EVALUATION
from services.interfaces.partners.edge import TOKEN_PATH
from services.platform.settings import Settings
from tests.support.checkout import ROOT
from tests.support.deployed import (
    CHART,
    DEPLOY,
    DOORS,
    Words,
    chart_commands,
    compose,
    compose_commands,
    nginx_directives,
    unit_commands,
)


@dataclass(frozen=True, slots=True)
class Deployed:
    """A process: what is typed, where its loop is, and why it lacks somewhere, by the way."""

    typed: str
    module: str
    lacks: tuple[str, ...] = ()

    @property
    def words(self) -> Words:
        return tuple(self.typed.split())


_WORKERS: Final = "services/workers/processes.py"
PROCESSES: Final = (
    Deployed("portal", "services/interfaces/servers.py"),
    Deployed("aggregate", "services/workers/consuming.py"),
    Deployed("relay", _WORKERS),
    Deployed("connect", "services/workers/consuming.py"),
    Deployed("connect health-visiting --mailbox", "services/workers/mailbox.py"),
    # a cluster has no folder that a school's system writes to
    Deployed("connect schools --folder", "services/workers/files/watched_folder.py", ("chart",)),
    Deployed("family", "services/interfaces/family_door/app.py"),
    Deployed("answering", "services/interfaces/answering/door/app.py"),
    Deployed("community keep", "services/interfaces/answering/keeping.py"),
    Deployed("services follow-up --until-stopped", "services/cli/intake/directory/services_due.py"),
    Deployed("directory", "services/interfaces/directory/serving/app.py"),
    # a timer does what `services read` does
    Deployed(
        "services read --nightly",
        "services/interfaces/directory/feeds/nightly.py",
        ("chart", "units"),
    ),
)
# Run once each time. By `serve` on an embedded database the relay does both.
SCHEDULED: Final = (
    Deployed("erase carry-out", "", ("serve",)),
    Deployed("ledger verify", "", ("serve",)),
    Deployed("services read", "", ("serve", "compose")),
)
# The interfaces for machines are the portal's; a port of their own is nobody's default.
_ALSO_SERVED: Final = "services/interfaces/servers.py"
_LOOPS: Final = re.compile(r"\b(?:run_until_stopped|serve_port|serve_door)\(")
_NO_PROCESS: Final = {
    "services/platform/loops.py",
    "services/platform/processes/port.py",
    "services/interfaces/doors.py",
}


def _everywhere(tmp_path: Path) -> dict[str, set[Words]]:
    """What each way runs of ours."""
    settings = Settings.model_validate(
        {
            "data": tmp_path,
            "mesh_url": "https://mesh.example",
            "schools_folder": tmp_path,
            "family_port": 8100,
            "answering_port": 8200,
        }
    )
    application = cast("Application", SimpleNamespace(settings=settings, embedded=None))
    typed = Namespace(database=None, aggregators=1)
    children = _children(typed, application, 8000, 8001)
    serve = {tuple(child.argv[3 : child.argv.index("--port")]) for child in children}
    compose_ways = {*compose_commands().values()} - {("migrate",)}
    units = {*unit_commands().values()} - {("serve",)}
    return {
        "serve": serve,
        "compose": compose_ways,
        "chart": chart_commands() - {("migrate",)},
        "units": units,
    }


def test_every_process_is_deployed_in_every_way(tmp_path: Path):
    """And nothing runs that is no process of ours."""
    found = _everywhere(tmp_path)
    every = (*PROCESSES, *SCHEDULED)

    for way, words in found.items():
        assert words == {one.words for one in every if way not in one.lacks}, way


def test_every_loop_of_the_program_is_a_process():
    """Whatever serves or goes on until it is stopped stands in the table."""
    looping = {
        str(path.relative_to(ROOT))
        for path in ROOT.glob("services/**/*.py")
        if _LOOPS.search(path.read_text())
    }

    assert _ALSO_SERVED in looping
    assert looping - _NO_PROCESS == {one.module for one in PROCESSES}


@pytest.mark.parametrize("door", DOORS)
def test_a_door_has_a_name_and_tls_in_front_of_it_and_behind(door: str):
    """Under a name of its own the proxy passes it on by TLS, verified, and logs nothing."""
    file = "site.conf" if door == "portal" else f"extra-{door}.conf"
    behind = {"portal": 8000, "family": 8100, "answering": 8200, "directory": 8001}[door]
    for where, address in (("server", f"127.0.0.1:{behind}"), ("container", f"{door}:8000")):
        folder = DEPLOY / "proxy" / where
        text = (folder.parent if door == "portal" else folder).joinpath(file).read_text()
        upstream = (folder / "upstream.conf").read_text()
        said = list(nginx_directives(text))
        trusted = {name: value for _, name, value in nginx_directives(upstream)}

        assert f"server {address};" in (upstream if door == "portal" else text)
        passed = {value.partition("://")[0] for _, name, value in said if name == "proxy_pass"}
        assert passed == {"https"}
        assert (trusted["proxy_ssl_verify"], "proxy_ssl_trusted_certificate" in trusted) == (
            "on",
            True,
        )
        assert ("location /health/", "return", "404") in said
        assert {value for _, name, value in said if name == "access_log"} == {"off"}
        assert ("server", "proxy_set_header", "X-Forwarded-For $remote_addr") in said
    assert compose()["services"][door]["environment"]["FORWARDED_ALLOW_IPS"] == "*"


def test_the_proxy_answers_nobody_in_the_clear():
    """But browsers, which are sent on; machines are not: what they sent was read already."""
    inside = DEPLOY / "proxy/container/extra-health.conf"
    plain = (DEPLOY / "proxy/server/extra-plain.conf").read_text()
    said = list(nginx_directives(plain))

    for path in (DEPLOY / "proxy").rglob("*.conf"):
        listens = [v for _, name, v in nginx_directives(path.read_text()) if name == "listen"]
        clear = [value for value in listens if " ssl" not in value]
        assert not clear or path in {inside, DEPLOY / "proxy/server/extra-plain.conf"}
    returned = {block: value for block, name, value in said if name == "return"}
    machines = next(block for block in returned if "partners" in block)
    assert returned == {"location /": "308 https://$host$request_uri", machines: "403"}
    for path in (TOKEN_PATH, EVALUATION, "/partners/v1/events", "/api/fhir/R4/metadata"):
        assert re.match(machines.removeprefix("location ~ "), path), path


def test_nothing_of_compose_goes_in_the_clear():
    """Doors, numbers, database and bus have certificates, and ask for them."""
    services = compose()["services"]
    database, kafka = services["database"], services["kafka"]["environment"]
    hba = (DEPLOY / "container/pg_hba.conf").read_text().splitlines()

    for name in compose_commands():
        told = services[name]["environment"]
        assert told["TELL_ONCE_TLS_CERTIFICATE"] == "/run/secrets/doors_certificate"
        assert "internal_ca" in told["TELL_ONCE_DATABASE_CA"]
        assert "TELL_ONCE_UNSAFE_DATABASE_IN_THE_CLEAR" not in told
        assert {"doors_certificate", "doors_key", "internal_ca"} <= {*services[name]["secrets"]}
    assert {"-cssl=on", "-chba_file=/etc/postgresql/pg_hba.conf"} <= {*database["command"]}
    assert {line.split()[0] for line in hba if not line.startswith("#")} == {"local", "hostssl"}
    assert kafka["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"] == "PARTS:SSL,CONTROLLER:SSL"
    assert kafka["KAFKA_SSL_CLIENT_AUTH"] == "required"


def test_nothing_of_the_chart_goes_in_the_clear():
    """Each pod has the doors' certificate, and is asked by TLS."""
    templates = {path.name: path.read_text() for path in (CHART / "templates").rglob("*.yaml")}

    assert "http://" not in "".join(templates.values())
    assert "name: http\n" not in "".join(templates.values())
    assert "scheme: https" in templates["monitoring.yaml"]
