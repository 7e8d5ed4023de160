"""`tell-once bench where | visible | idle | capacity | scale`: from a file to the profile."""

import argparse
from typing import Any

from services.cli.output import print_document, settings_from

_ABOUT_WHERE = """
Takes messages through reader, relay, aggregation and comparing, one after another in this process,
and tells the CPU of each, of PostgreSQL beside it, and of each layer by a sampler of CPU time.

  tell-once bench where --messages 4000
"""
_ABOUT_VISIBLE = """
How long it takes from accepted to visible at half of what the way can do, with its CPU.

  tell-once bench visible --messages 8000 --json
"""
_ABOUT_IDLE = """
Serves an empty data folder and counts the CPU of all its processes while nothing happens.

  tell-once bench idle --seconds 60 --json
"""
_ABOUT_CAPACITY = """
Sends at ten times the rate of the largest of a council, a region and England that fits on this
machine, and reckons from it what each of them needs. See deploy/capacity.md.

  tell-once bench capacity --messages 8000 --json
"""
_ABOUT_SCALE = """
Aggregates the same backlog with one aggregator, with two, and so on, on a new bus each time: that
of PostgreSQL, or with --kafka a Kafka broker of its own (deploy/kafka).

  tell-once bench scale --messages 8000 --most 3 --kafka --json
"""


def add_commands(names: Any, common: argparse.ArgumentParser) -> None:
    """Add them to `bench`."""
    where = _add(names, common, "where", "where the CPU of a message goes", _ABOUT_WHERE)
    where.add_argument("--messages", type=int, default=4000)
    where.set_defaults(run_command=_where)
    visible = _add(names, common, "visible", "from accepted to visible", _ABOUT_VISIBLE)
    visible.add_argument("--messages", type=int, default=8000)
    visible.set_defaults(run_command=_visible)
    idle = _add(names, common, "idle", "CPU when nothing happens", _ABOUT_IDLE)
    idle.add_argument("--seconds", type=float, default=60.0)
    idle.set_defaults(run_command=_idle)
    capacity = _add(names, common, "capacity", "what a council and England need", _ABOUT_CAPACITY)
    capacity.add_argument("--messages", type=int, default=8000)
    capacity.set_defaults(run_command=_capacity)
    scale = _add(names, common, "scale", "one aggregator, and several", _ABOUT_SCALE)
    scale.add_argument("--messages", type=int, default=8000)
    scale.add_argument("--most", type=int, default=3, help="aggregators at the end (3)")
    scale.add_argument("--kafka", action="store_true", help="with a Kafka broker of its own")
    scale.set_defaults(run_command=_scale)


def _add(
    names: Any, common: argparse.ArgumentParser, name: str, words: str, about: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = names.add_parser(
        name,
        parents=[common],
        help=words,
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def _where(args: argparse.Namespace) -> int:
    from deploy.bench.pipeline.where import bench_where  # noqa: PLC0415 only here

    return _told(args, bench_where(settings_from(args), messages=args.messages))


def _visible(args: argparse.Namespace) -> int:
    from deploy.bench.pipeline.visible import bench_visible  # noqa: PLC0415 only here

    return _told(args, bench_visible(settings_from(args), messages=args.messages))


def _idle(args: argparse.Namespace) -> int:
    from deploy.bench.pipeline.idle import bench_idle  # noqa: PLC0415 only here

    return _told(args, bench_idle(settings_from(args), seconds=args.seconds))


def _capacity(args: argparse.Namespace) -> int:
    from deploy.bench.pipeline.capacity import bench_capacity  # noqa: PLC0415 only here

    return _told(args, bench_capacity(settings_from(args), messages=args.messages))


def _scale(args: argparse.Namespace) -> int:
    from deploy.bench.pipeline.scale import bench_scale  # noqa: PLC0415 only here

    found = bench_scale(
        settings_from(args), messages=args.messages, most=args.most, on_kafka=args.kafka
    )
    return _told(args, found)


def _told(args: argparse.Namespace, document: dict[str, Any]) -> int:
    from deploy.bench.commands import plain_of  # noqa: PLC0415 it imports this

    print_document(args, document, plain=plain_of(document))
    return 0
