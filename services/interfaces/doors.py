"""What stands before an application that is served on a port of its own, beside the portal.

Families, partners without a system and the directory each have such a port. Each answers only to
its own name, HEAD as GET, and says whether it is well, as the portal does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from services.audit.integrity.seen.metrics import Area
from services.audit.integrity.seen.requests import area_by, counting
from services.interfaces.health import LacksWhat, health_paths
from services.interfaces.partners.problem_details import MISDIRECTED, problem_response
from services.platform.processes.port import serve_port
from services.platform.processes.tls import tls_as_set
from services.platform.settings import Settings
from services.platform.web import ByPath, HeadAsGet, HostsAllowed, host_without_port

_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
_HEALTH: Final = {"/health/": Area.HEALTH}


@dataclass(frozen=True, slots=True)
class Door:
    """One of them: its port, its public address, and what its requests are counted as.

    Below `used_up` GET uses up what came with it, so HEAD is refused there.
    """

    area: Area
    port: int
    url: str
    lacks: LacksWhat
    used_up: tuple[str, ...] = ()


def serve_door(
    app: ASGIApp, door: Door, settings: Settings, *, workers: int, disconnect: Callable[[], None]
) -> None:
    """Serve it until stopped."""
    area_of = area_by(_HEALTH, others=door.area)
    with counting(behind_door(app, door, settings), settings, area_of) as counted:
        serve_port(
            counted,
            port=door.port,
            listen=settings.listen,
            workers=workers,
            disconnect=disconnect,
            tls=tls_as_set(settings),
        )


def behind_door(app: ASGIApp, door: Door, settings: Settings) -> ASGIApp:
    """All that its port serves: whatever is asked for another name is refused before anything."""
    with_health = ByPath(health_paths(door.lacks), others=app)
    heads = HeadAsGet(with_health, not_below=door.used_up)
    hosts = names_at([door.url], settings)
    return HostsAllowed(heads, hosts=hosts, answer=lambda _: problem_response(MISDIRECTED))


def names_at(urls: Iterable[str], settings: Settings) -> frozenset[str]:
    """By which names requests may ask: this machine's own, those of `urls`, those allowed."""
    told = [*(urlsplit(url).netloc for url in urls), *settings.allowed_hosts.split(",")]
    return frozenset([*_LOOPBACK, *(host_without_port(one.strip()) for one in told if one.strip())])
