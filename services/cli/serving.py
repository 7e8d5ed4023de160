"""`demo`, `serve` and the processes behind them; `migrate`."""

import argparse
import errno
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from connectors.registry import load_readers
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.commands import build_parser, run_typed
from services.cli.decisions.agreements import warn_unless_agreed
from services.cli.demonstration import is_loaded, reset
from services.cli.intake.connecting import add_connect, as_settings_say
from services.cli.output import (
    UNAVAILABLE,
    document_or_sentence,
    print_document,
    settings_from,
)
from services.platform.database.migrating import migrate
from services.platform.errors import ServiceError
from services.platform.logging import LogEvent, configure_logging
from services.platform.loops import leave_what_is_loaded
from services.platform.processes.serving_lock import ServingLock
from services.platform.processes.supervisor import Child, ChildEvent, Supervisor
from services.platform.settings import Settings
from services.work import unit_of_work
from services.workers.keys import verify_before_start
from services.workers.processes import run_aggregation, run_relay


class ServesNotInProductionError(ServiceError):
    """The data folder was made to try things out; it cannot be served in production."""


_DEMO = """
Starts everything on this machine with invented families: database, portal, aggregation, relay.

  deploy/tell-once demo
  deploy/tell-once demo --port 8080 --data /tmp/tell-once --reset
"""
_SERVE = """
Runs portal, aggregation, relay and connectors under one supervisor.

  tell-once serve --data DIR
  tell-once serve --database postgresql+psycopg://… --bus kafka://host:9092 --aggregators 2
"""


def _run_portal(application: Application) -> int:
    from services.interfaces.servers import run_portal  # noqa: PLC0415 pages are slow to import

    warn_unless_agreed(application)
    return run_portal(application)


def _run_partners(application: Application) -> int:
    from services.interfaces.servers import run_partners  # noqa: PLC0415 as above

    return run_partners(application)


def _run_family(application: Application) -> int:
    from services.interfaces.family_door.app import run_family  # noqa: PLC0415 as above

    return run_family(application)


_PROCESSES: dict[str, Callable[[Application], int]] = {
    "portal": _run_portal,
    "partners": _run_partners,
    "family": _run_family,
    "aggregate": run_aggregation,
    "relay": run_relay,
}


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add them."""
    demo = _add(commands, common, "demo", _demo, _DEMO)
    demo.add_argument("--reset", action="store_true", help="begin again with an empty data folder")
    serve = _add(commands, common, "serve", _serve, _SERVE)
    for parser in (demo, serve):
        parser.add_argument("--port", type=int, help="of the portal; 0 for any free one")
        parser.add_argument("--aggregators", type=int, default=1, help="how many to run")
    for name, run in _PROCESSES.items():
        process = _add(commands, common, name, _process(run), f"Runs only this part: {name}.")
        told = "to serve on" if name in {"partners", "family"} else argparse.SUPPRESS
        where = "family_port" if name == "family" else "port"
        process.add_argument("--port", type=int, dest=where, help=told)
    add_connect(commands, common)
    _add(commands, common, "migrate", _migrate, "Brings the database to this version.")


def _add(
    commands: Any,
    common: argparse.ArgumentParser,
    name: str,
    run: Callable[[argparse.Namespace], int],
    about: str,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        parents=[common],
        help=about.strip().splitlines()[0],
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run_command=run)
    return parser


def _demo(args: argparse.Namespace) -> int:
    os.environ.setdefault("TELL_ONCE_ENVIRONMENT", "demonstration")
    os.environ.setdefault("TELL_ONCE_COOKIE_SECURE", "false")
    os.environ.setdefault("TELL_ONCE_ANSWERING_WORRY", "01632 960199")
    settings = settings_from(args)
    if not settings.family_port:
        os.environ["TELL_ONCE_FAMILY_PORT"] = str(_free_port())
    if not settings.answering_port:
        os.environ["TELL_ONCE_ANSWERING_PORT"] = str(_free_port())
    if settings.directory_port is None:
        os.environ["TELL_ONCE_DIRECTORY_PORT"] = str(_free_port())
    settings = settings_from(args)
    if args.reset:
        reset(settings.data)
    return _supervise(args, settings, before=_load_demonstration, telling=_tell_demo)


def _load_demonstration(application: Application) -> None:
    if is_loaded(application.settings.data):
        return
    from services.cli.demonstration import load_demonstration  # noqa: PLC0415 once in a data folder

    load_demonstration(application)


def _serve(args: argparse.Namespace) -> int:
    return _supervise(args, settings_from(args), before=lambda _: None, telling=_tell_serve)


def _migrate(args: argparse.Namespace) -> int:
    with opened(settings_from(args), migrating=True, serving=True) as application:
        migrate(application.outside(DatabaseRole.OWNER).engine)
        verify_before_start(application.outside(DatabaseRole.OWNER))
        warn_unless_agreed(application)
    print_document(args, {"migrated": True}, plain="The database is at this version.")
    return 0


def _process(run: Callable[[Application], int]) -> Callable[[argparse.Namespace], int]:
    def in_application(args: argparse.Namespace) -> int:
        typed = {"family_port": getattr(args, "family_port", None)}
        with opened(settings_from(args, **typed)) as application:
            return run(application)

    return in_application


def _supervise(
    args: argparse.Namespace,
    settings: Settings,
    *,
    before: Callable[[Application], None],
    telling: Callable[[argparse.Namespace, Application, "Served"], str],
) -> int:
    lock = ServingLock(settings.data)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not lock.take():
        sys.stderr.write("tell-once: this data folder is already being served\n")
        return UNAVAILABLE
    if settings.port and _is_taken(settings.port):
        sys.stderr.write(f"tell-once: port {settings.port} is taken by another program\n")
        return UNAVAILABLE
    log = configure_logging("supervisor")
    port = settings.port or _free_port()

    def report(name: str, event: ChildEvent, exit_code: int | None) -> None:
        if event is ChildEvent.DIED:
            log.warning(LogEvent.PROCESS_DIED, child=name, exit_code=exit_code)

    with opened(settings, serving=True) as application:
        _require_what_it_is(application)
        if settings.sign_in is not None:
            _ = application.sign_in_client  # what cannot be used is told before anything starts
        before(application)
        verify_before_start(application.outside(DatabaseRole.OWNER))
        warn_unless_agreed(application)
        directory = _directory_port(settings)
        served = Served(f"http://127.0.0.1:{port}", _directory_url(settings, directory))
        tell = _TellingOnceOpen(port, telling(args, application, served))
        supervisor = Supervisor(_children(args, application, port, directory), report=report)
        application.disconnect()  # no connection of ours is to be in a copy
        _load_what_is_copied()
        return supervisor.run(at_each_look=tell)


@dataclass(frozen=True, slots=True)
class Served:
    """Where the portal is, and the directory of services where that is served too."""

    portal: str
    directory: str | None


def _directory_port(settings: Settings) -> int | None:
    """The port that the directory is told, or the next after the portal's if nobody has it.

    None for a 0.
    """
    if settings.directory_port is not None:
        return settings.directory_port or None
    next_port = settings.port + 1
    return next_port if settings.port and not _is_open(next_port) else _free_port()


def _directory_url(settings: Settings, port: int | None) -> str | None:
    return settings.directory_url or (None if port is None else f"http://127.0.0.1:{port}")


def _load_what_is_copied() -> None:
    """Load all that the parts need, so that each copy of this process finds it."""
    load_readers()
    leave_what_is_loaded()


class _TellingOnceOpen:
    """Prints a text once pages can be fetched; called from time to time, it never waits."""

    def __init__(self, port: int, text: str) -> None:
        self._port = port
        self._text: str | None = text

    def __call__(self) -> None:
        if self._text is None:
            return
        with suppress(OSError):  # no socket at this moment, or nobody reads it any more
            if _is_open(self._port):
                text, self._text = self._text, None
                sys.stdout.write(text + "\n")
                sys.stdout.flush()


def _require_what_it_is(application: Application) -> None:
    """A folder where one command is both hands never serves people who are not invented."""
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        is_demonstration = work.is_demonstration
    if is_demonstration and application.settings.environment == "production":
        raise ServesNotInProductionError(
            "this data folder is a demonstration: begin with an empty one (serve), "
            "or set TELL_ONCE_ENVIRONMENT=demonstration"
        )


def _children(
    args: argparse.Namespace, application: Application, port: int, directory: int | None
) -> list[Child]:
    settings = application.settings
    environment = {"TELL_ONCE_DATA": str(settings.data), "TELL_ONCE_BUS": settings.bus}
    if (url := _directory_url(settings, directory)) is not None:
        environment["TELL_ONCE_DIRECTORY_URL"] = url
    if args.database is not None:
        # Typed, so it is not in the environment that they get from us, or another one is.
        environment |= {"TELL_ONCE_DATABASE": args.database, "TELL_ONCE_DATABASE_FILE": ""}
    ports = doors_as_set(settings, directory)
    names = parts_as_set(settings, ports, aggregators=args.aggregators)
    for name in sorted({"family", "answering"} & ports.keys()):
        environment[f"TELL_ONCE_{name.upper()}_PORT"] = str(ports[name])
    children = [
        Child(
            f"{name}-{number}",
            (sys.executable, "-m", "services", *words),
            {**environment, **_metrics_port(settings, number)},
            _log_file(settings.data, name.rpartition("--")[-1]),
            partial(_run_as_typed, words),
        )
        for number, name in enumerate(names)
        for words in [(*name.split(), "--port", str(ports.get(name, port)))]
    ]
    if application.embedded is not None:
        standby = tuple(application.embedded.standby_command())
        children.insert(
            0, Child("database", standby, log_file=_log_file(settings.data, "database"))
        )
    return children


_BESIDE = {"answering": "community keep", "directory": "services read --nightly"}
"""What has a process beside the pages."""


def parts_as_set(
    settings: Settings, ports: Mapping[str, int], *, aggregators: int = 1
) -> list[str]:
    """The words of everything that `serve` runs as the settings say, with these doors."""
    names = ["relay", *["aggregate"] * aggregators, "connect", "portal"]
    names += [*as_settings_say(settings), "services follow-up --until-stopped"]
    names += [_BESIDE[name] for name in ports if name in _BESIDE]
    return [*names, *ports]


def doors_as_set(settings: Settings, directory: int | None) -> dict[str, int]:
    """The applications that are served beside the portal, each with its port."""
    every = {
        "family": settings.family_port,
        "answering": settings.answering_port,
        "directory": directory or 0,
    }
    return {name: port for name, port in every.items() if port}


def _metrics_port(settings: Settings, number: int) -> dict[str, str]:
    """Each part has a port for metrics of its own, from the one in the settings on."""
    first = settings.metrics_port
    return {"TELL_ONCE_METRICS_PORT": str(first + number)} if first else {}


def _log_file(data: Path, name: str) -> Path:
    folder = data / "logs"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder / f"{name}.log"


def _is_taken(port: int) -> bool:
    """Whether another program listens there: ours would be refused it, and try again for ever."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _run_as_typed(words: Sequence[str]) -> int:
    """What `tell-once` with these words does, in a copy of this process."""
    return run_typed(build_parser(words).parse_args(words))


def _tell_serve(args: argparse.Namespace, application: Application, served: Served) -> str:
    del application
    document = {"url": served.portal, "directory": served.directory}
    return document_or_sentence(args, document, plain=_where(served))


def _where(served: Served) -> str:
    told = f"Tell Once is at {served.portal}"
    return told if served.directory is None else f"{told}\nServices are at {served.directory}"


def _tell_demo(args: argparse.Namespace, application: Application, served: Served) -> str:
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        found = work.directory.practitioners()
    people = [
        {"id": p.id, "name": p.name, "role": p.role.value, "agency": p.agency_name} for p in found
    ]
    data = str(application.settings.data.resolve())
    family = application.settings.family_page_at
    names = "\n".join(f"  {p['name']}, {p['agency']}" for p in people)
    return document_or_sentence(
        args,
        {
            "url": served.portal,
            "family_url": family,
            "directory": served.directory,
            "answering_url": application.settings.answering_at,
            "data": data,
            "people": people,
        },
        plain=f"{_where(served)}\nSign in at Tell Once as one of\n{names}\n"
        f"Families have pages of their own at {family}\n"
        f"Partners without a system answer at {application.settings.answering_at}\n"
        f"Codes are written to {data}/messages, and sent to nobody",
    )
