"""`tell-once bus create`: topics and rights on Kafka, as they are to be."""

import argparse
from dataclasses import asdict
from typing import Any

from schemas.topics import PARTITIONS
from services.cli.output import print_document, settings_from
from services.platform.bus.address import kafka_servers
from services.platform.bus.security import BusSecurity
from services.platform.errors import UnknownBusAddress
from services.platform.settings import Settings
from services.workers.relaying import topic_specs

_ABOUT = """
Makes the topics and the rights that lack on Kafka, and takes rights of our users away that are not
in the list. Says what it changed; again it changes nothing.

  tell-once bus create --bus kafka://broker:9093 --partitions 6 --replication 3

As a user of your own who may (bus_user, bus_password): none of the parts is one. No key and no
database is opened. More partitions for topics that are there take --grow, with every part stopped
and the outbox empty: what is published later under a key may come to another partition.
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add it."""
    bus = commands.add_parser("bus", help="topics and rights on Kafka")
    verbs = bus.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser(
        "create",
        parents=[common],
        help=_ABOUT.strip().splitlines()[0],
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    create.add_argument("--partitions", type=int, default=PARTITIONS, help=f"({PARTITIONS})")
    create.add_argument("--replication", type=int, default=-1, help="(the brokers' own)")
    create.add_argument("--grow", action="store_true", help="also of topics that are there")
    create.set_defaults(run_command=_create)


def _create(args: argparse.Namespace) -> int:
    settings = settings_from(args)
    made = _maker(settings).make(
        topic_specs(args.partitions), replication=args.replication, partitions_grow=args.grow
    )
    told = {name: list(values) for name, values in asdict(made).items()}
    changed = [f"{name.replace('_', ' ')}: {one}" for name, ones in told.items() for one in ones]
    print_document(args, told, plain="\n".join(changed) or "All of it was there: nothing changed.")
    return 0


def _maker(settings: Settings) -> Any:
    from services.platform.bus.kafka_rights import KafkaMaker  # noqa: PLC0415 slow to import

    servers = kafka_servers(settings.bus)
    if not servers:
        raise UnknownBusAddress("bus create is for Kafka: write --bus kafka://host:port.")
    return KafkaMaker(servers, BusSecurity.as_set(settings))
