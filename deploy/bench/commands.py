"""`tell-once bench NAME`: measured figures, with ratios against a baseline in the same run."""

import argparse
import sys
from collections.abc import Mapping
from typing import Any

from connectors.registry import ROWS
from deploy.bench import bus as bench_bus
from deploy.bench import commands_over_http
from deploy.bench import directory as bench_directory
from deploy.bench.audit_export import add_bench_arguments as add_audit_export_arguments
from deploy.bench.audit_export import run_bench_audit_export
from deploy.bench.decide import add_decide_arguments, run_bench_decide
from deploy.bench.ledger import add_bench_arguments, run_bench_ledger
from deploy.bench.pipeline import commands as pipeline_commands
from schemas.vocabulary import Source
from services.audit.unusual.settings import unusual_rules
from services.bootstrap import DatabaseRole, opened
from services.cli.output import print_document, settings_from

_ABOUT = """
Measures on this machine and prints figures, their conditions and ratios against a baseline.

  tell-once bench ingest
  tell-once bench ingest --messages 20000 --bus kafka://127.0.0.1:9092 --json
"""

_ABOUT_PROFILE = """
Generates families of four persons with a hundred sealed records, and reads random ones: among
100,000 records, then among N. With --data the folder is filled up and kept for the next time.

  tell-once bench profile --records 300000
  tell-once bench profile --records 3000000 --data DIR --json
"""
_ABOUT_AGGREGATE = """
Fills a bus, then aggregates all that is on it in this process.

  tell-once bench aggregate --messages 20000 --bus kafka://127.0.0.1:9092 --json
"""

_ABOUT_PAGE_COST = """
Makes a family of four persons and a hundred records, asks for its pages in this process, and gives
the CPU of each layer around the reading: frame, presenters, template; and statements.

  tell-once bench page-cost --times 200 --json
"""

_ABOUT_STRANGERS = """
Asks about somebody unknown, somebody known who is not theirs and somebody restricted, mixed, and
gives medians with the 95 % interval of their difference. The same statements are executed for each.

  tell-once bench strangers --asked 3000 --json
"""

_ABOUT_MUTATE = """
Damages messages of a source in every way: bytes, elements, values, encodings. Each has to become a
message or a reason of a closed list, within 2 seconds and 300 MiB, and no value may be told. Inputs
that do not are kept, and how to see each again is printed; then it exits 1.

  tell-once bench mutate social-care
  tell-once bench mutate schools --only ctf --count 5000 --seed 7 --json
"""


_ABOUT_UNUSUAL = """
Makes a year of looks with planted misuse, by the program that lies beside the checkout, and gives
for each rule how much of what was planted it finds, and how much of what it finds was planted.

  tell-once bench unusual --seed 7
  tell-once bench unusual --seed 7 --looks 100000 --json
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `bench`."""
    bench = commands.add_parser("bench", help="measure speed")
    names = bench.add_subparsers(dest="name", required=True, metavar="NAME")
    ingest = names.add_parser(
        "ingest",
        parents=[common],
        help="files to visible in the profile",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    ingest.add_argument("--messages", type=int, default=8000)
    ingest.add_argument("--readers", type=int, default=1, help="processes that read files")
    ingest.add_argument("--aggregators", type=int, default=1)
    ingest.set_defaults(run_command=_ingest)
    connect = names.add_parser(
        "connect", parents=[common], help="each connector alone, from files to durable on the bus"
    )
    connect.add_argument(
        "sources", nargs="*", type=Source, metavar="SOURCE", help="all of them unless named"
    )
    connect.add_argument("--messages", type=int, default=8000)
    connect.set_defaults(run_command=_connect)
    decide = names.add_parser(
        "decide", parents=[common], help="answers a second on compiled decisions"
    )
    add_decide_arguments(decide)
    decide.set_defaults(run_command=run_bench_decide)
    ledger = names.add_parser("ledger", parents=[common], help="entries a second, proofs, checks")
    add_bench_arguments(ledger)
    ledger.set_defaults(run_command=run_bench_ledger)
    _add_audit(names, common)
    _add_audit_export(names, common)
    _add_profile_benches(names, common)
    _add_strangers(names, common)
    _add_mutate(names, common)
    _add_unusual(names, common)
    commands_over_http.add_commands(names, common)
    pipeline_commands.add_commands(names, common)
    bench_directory.add_arguments(names, common)
    bus = names.add_parser("bus", parents=[common], help="CPU of publishing and reading a message")
    bus.add_argument("--messages", type=int, default=20_000)
    bus.set_defaults(run_command=_bus)


def _add_audit(names: Any, common: argparse.ArgumentParser) -> None:
    from deploy.bench.audit import add_bench_arguments as add_audit  # noqa: PLC0415 only here

    add_audit(
        names.add_parser(
            "audit", parents=[common], help="each of the auditors' questions beside N entries"
        )
    )


def _add_audit_export(names: Any, common: argparse.ArgumentParser) -> None:
    audit = names.add_parser(
        "audit-export", parents=[common], help="entries that auditors take away, in each format"
    )
    add_audit_export_arguments(audit)
    audit.set_defaults(run_command=run_bench_audit_export)


def _add_profile_benches(names: Any, common: argparse.ArgumentParser) -> None:
    profile = names.add_parser(
        "profile",
        parents=[common],
        help="reading one family among very many records",
        description=_ABOUT_PROFILE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    profile.add_argument("--records", type=int, default=100_000)
    profile.set_defaults(run_command=_profile)
    page_cost = names.add_parser(
        "page-cost",
        parents=[common],
        help="CPU of each layer of a page",
        description=_ABOUT_PAGE_COST,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    page_cost.add_argument("--times", type=int, default=100, help="each page, in each round")
    page_cost.set_defaults(run_command=_page_cost)
    aggregate = names.add_parser(
        "aggregate",
        parents=[common],
        help="one aggregator alone, from the bus into the profile",
        description=_ABOUT_AGGREGATE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    aggregate.add_argument("--messages", type=int, default=10_000)
    aggregate.set_defaults(run_command=_aggregate)


def _add_strangers(names: Any, common: argparse.ArgumentParser) -> None:
    strangers = names.add_parser(
        "strangers",
        parents=[common],
        help="whether the time of a refusal tells who is known",
        description=_ABOUT_STRANGERS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    strangers.add_argument("--asked", type=int, default=1000, help="about each; at most 3000")
    strangers.set_defaults(run_command=_strangers)


def _add_mutate(names: Any, common: argparse.ArgumentParser) -> None:
    mutate = names.add_parser(
        "mutate",
        parents=[common],
        help="whether whatever comes becomes a message or a reason",
        description=_ABOUT_MUTATE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sent = [row.command_word for row in ROWS if row.read is not None]
    mutate.add_argument("source", choices=sent)
    mutate.add_argument("--only", nargs="+", default=[], metavar="FORMAT", help="of these formats")
    mutate.add_argument("--count", type=int, default=200_000, help="inputs of each format")
    mutate.add_argument("--seed", type=int, default=20261130)
    mutate.add_argument("--first", type=int, default=0, help="the number of the first input")
    mutate.add_argument(
        "--published", type=int, default=200, help="so many are taken in on a database too"
    )
    mutate.set_defaults(run_command=_mutate)


def _add_unusual(names: Any, common: argparse.ArgumentParser) -> None:
    unusual = names.add_parser(
        "unusual",
        parents=[common],
        help="what rules of unusual access find of planted misuse",
        description=_ABOUT_UNUSUAL,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    unusual.add_argument("--seed", type=int, default=1)
    unusual.add_argument("--looks", type=int, default=20_000)
    unusual.set_defaults(run_command=_unusual)


def _unusual(args: argparse.Namespace) -> int:
    from deploy.bench import unusual  # noqa: PLC0415 only here

    program = unusual.misuse_program()
    if program is None:
        sys.stderr.write("tell-once: skipped: no shared/bench/misuse.py beside the checkout\n")
        print_document(args, {"name": "unusual", "skipped": True}, plain="unusual: skipped")
        return 0
    rules = unusual_rules(settings_from(args).unusual_rules)
    document = unusual.bench_unusual(program, rules, seed=args.seed, looks=args.looks)
    plain = f"{plain_of(document)}\n{unusual.rules_in_words(document)}"
    print_document(args, document, plain=plain)
    return 0


def _mutate(args: argparse.Namespace) -> int:
    from deploy.bench import mutate  # noqa: PLC0415 only here
    from deploy.bench.mutating.seeds import Format  # noqa: PLC0415

    forms = mutate.forms_asked(Source(args.source), [Format(name) for name in args.only])
    asked = mutate.Mutation(forms, args.seed, args.first, args.count, args.published)
    document = mutate.bench_mutate(settings_from(args), asked)
    plain = f"{plain_of(document)}\n{mutate.faults_in_words(document)}"
    print_document(args, document, plain=plain)
    return 1 if document["faults"] else 0


def _strangers(args: argparse.Namespace) -> int:
    from deploy.bench.strangers import MOST_ASKED, bench_strangers  # noqa: PLC0415 only here

    document = bench_strangers(settings_from(args), asked=min(args.asked, MOST_ASKED))
    print_document(args, document, plain=plain_of(document))
    return 0


def _bus(args: argparse.Namespace) -> int:
    settings = settings_from(args)
    with opened(settings) as application:
        bus = application.open_bus(DatabaseRole.RELAY)
        figures = bench_bus.run(bus, args.messages)
        bus.close()
    document = {
        "name": "bus",
        "conditions": {"messages": args.messages, "bus": settings.bus.split(":")[0]},
        "figures": figures,
        "baselines": {},
        "ratios": {},
    }
    print_document(args, document, plain=plain_of(document))
    return 0


def _ingest(args: argparse.Namespace) -> int:
    from deploy.bench.ingest import bench_ingest  # noqa: PLC0415 only here

    document = bench_ingest(
        settings_from(args),
        messages=args.messages,
        readers=args.readers,
        aggregators=args.aggregators,
    )
    print_document(args, document, plain=plain_of(document))
    return 0


def _profile(args: argparse.Namespace) -> int:
    from deploy.bench.profile import bench_profile  # noqa: PLC0415 only here

    settings = settings_from(args)
    document = bench_profile(settings, records=args.records, reuse=args.data is not None)
    print_document(args, document, plain=plain_of(document))
    return 0


def _page_cost(args: argparse.Namespace) -> int:
    from deploy.bench.page_cost.measuring import bench_page_cost  # noqa: PLC0415 only here

    document = bench_page_cost(settings_from(args), times=args.times)
    print_document(args, document, plain=plain_of(document))
    return 0


def _aggregate(args: argparse.Namespace) -> int:
    from deploy.bench.aggregate import bench_aggregate  # noqa: PLC0415 only here

    document = bench_aggregate(settings_from(args), messages=args.messages)
    print_document(args, document, plain=plain_of(document))
    return 0


def _connect(args: argparse.Namespace) -> int:
    from deploy.bench.connect import SOURCES, bench_connect  # noqa: PLC0415 only here

    sources = args.sources or list(SOURCES)
    document = bench_connect(settings_from(args), sources=sources, messages=args.messages)
    print_document(args, document, plain=plain_of(document))
    return 0


def plain_of(document: Mapping[str, Any]) -> str:
    """The document in lines."""
    lines = [f"{document['name']}: {document['conditions']}"]
    for part in ("figures", "baselines"):
        lines += [
            f"  {name}: {figure['value']:,.1f} {figure['unit']}"
            for name, figure in document[part].items()
        ]
    lines += [f"  {name}: {value:.2f}" for name, value in document["ratios"].items()]
    return "\n".join(lines)
