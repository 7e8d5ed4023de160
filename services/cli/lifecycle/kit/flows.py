"""Which process takes what from whom and gives it to whom, drawn from what really runs.

Processes are those that `serve` starts by the settings, topics and rights those of the program: a
process without a row here has no picture, and a test says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.topics import TOPICS
from services.cli.serving import doors_as_set, parts_as_set
from services.platform.bus.rights import BusAct, BusThing, BusUser, bus_rights
from services.platform.settings import Settings


@dataclass(frozen=True, slots=True)
class Flow:
    """One process: who comes to it, as which user of the database it works, where it goes."""

    comes: str
    user: str
    goes: str = ""


_PORTAL: Final = "tell_once_portal"
FLOWS: Final[Mapping[str, Flow]] = {
    "portal": Flow("practitioners; partners' systems", _PORTAL, "the provider of sign-in"),
    "family": Flow("families", _PORTAL, "GOV.UK One Login, NHS login, where set"),
    "answering": Flow("partners without a system", _PORTAL),
    "directory": Flow("anybody: services, no person", "tell_once_directory"),
    "aggregate": Flow("the bus: records, decisions", "tell_once_aggregation"),
    "relay": Flow("the outbox", "tell_once_relay", "the bus; mail and text messages; witnesses"),
    "connect": Flow("the bus: decisions", "tell_once_connectors"),
    "connect health-visiting --mailbox": Flow("NHS MESH", "tell_once_connectors"),
    "connect schools --folder": Flow("the schools' folder", "tell_once_connectors"),
    "services follow-up --until-stopped": Flow("what is due of requests to services", _PORTAL),
    "community keep": Flow("mail that came back", _PORTAL),
    "services read --nightly": Flow(
        "councils' feeds of services", "tell_once_directory_feeds", "councils' servers"
    ),
}


def picture(settings: Settings) -> str:
    """Everything that runs as it is set, a line each: who comes, what takes it, where it goes."""
    directory = settings.directory_port if settings.directory_port is not None else settings.port
    run = dict.fromkeys(parts_as_set(settings, doors_as_set(settings, directory)))
    rows = [(FLOWS[name].comes, name, _onward(FLOWS[name])) for name in run]
    comes, names = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(f"{row[0]:>{comes}}  -->  {row[1]:<{names}}  -->  {row[2]}" for row in rows)


def not_run(settings: Settings) -> Sequence[str]:
    """What is not set to run here."""
    directory = settings.directory_port if settings.directory_port is not None else settings.port
    run = parts_as_set(settings, doors_as_set(settings, directory))
    return [name for name in FLOWS if name not in run]


def _onward(flow: Flow) -> str:
    return f"database as {flow.user}" + (f"; {flow.goes}" if flow.goes else "")


def topic_lines() -> Sequence[tuple[str, str, str, str]]:
    """Each topic, who writes it, who reads it, and how long it is kept."""
    return [
        (
            topic.name,
            _who(BusAct.WRITE, topic.name),
            _who(BusAct.READ, topic.name),
            "the latest of each" if topic.retention is None else f"{topic.retention.days} days",
        )
        for topic in TOPICS
    ]


def _who(act: BusAct, topic: str) -> str:
    users = {
        right.user
        for right in bus_rights()
        if (right.act, right.thing, right.name) == (act, BusThing.TOPIC, topic)
    }
    return (
        ", ".join(user.removeprefix("tell-once-") for user in BusUser if user in users) or "nobody"
    )
