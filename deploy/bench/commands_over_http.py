"""`tell-once bench families | pages | withdrawal | beside-hapi`: what users feel."""

import argparse
from pathlib import Path
from typing import Any

from services.cli.output import print_document, settings_from

_ABOUT_FAMILIES = """
Serves a data folder of invented families, four persons and a hundred records each, and reads them
as a partner does: one client, several, and an open loop whose times count from when each request
was due. Every answer is checked, and every read has to be on record. With --data DIR the families
are kept; among more than 100,000 records it is measured among those first.

  tell-once bench families
  tell-once bench families --data DIR --records 3000000 --rounds 3 --json
  tell-once bench families --rate 350 --format fhir
"""
_ABOUT_PAGES = """
The same for pages of the portal, with the cookie of somebody who is signed in.

  tell-once bench pages
  tell-once bench pages --page timeline --clients 4 --json
"""
_ABOUT_WITHDRAWAL = """
Withdraws permissions in the portal, one family after another, while others are read: how long the
call takes, until nothing of it is stored any more, and until the bus tells it. The very next read
of each family has to hold nothing of what was withdrawn.

  tell-once bench withdrawal --withdrawals 200 --seconds 40 --json
"""
_ABOUT_FAMILY_PAGES = """
Serves families' own pages to invented mothers who are signed in: each page in an open loop at three
fifths of the highest rate that clients reach on it, beside a page that reads nothing; and how long
the call takes that takes a yes back, after which the page has none of it.

  tell-once bench family-pages --families 20 --seconds 4 --json
"""
_ABOUT_HAPI = """
Families here beside as much FHIR on a HAPI server that somebody has set up, with the same client.
Only one of them is up at a time: give the commands that start and stop it, and they alternate; or
run this once while it is up, and once more while it is down.

  tell-once bench beside-hapi --hapi http://127.0.0.1:8080/fhir
  tell-once bench beside-hapi --hapi http://127.0.0.1:8080/fhir --hapi-start ./start.sh \\
      --hapi-stop ./stop.sh --hapi-process java=hapi.pid --hapi-process postgresql=postgres.pid
"""


def add_commands(names: Any, common: argparse.ArgumentParser) -> None:
    """Add them to `bench`."""
    families = _add(names, common, "families", "one family over HTTP, as partners read it")
    families.description = _ABOUT_FAMILIES
    families.add_argument("--format", choices=["json", "fhir"], default="json")
    families.set_defaults(run_command=_families)
    pages = _add(names, common, "pages", "pages of a family, as browsers read them")
    pages.description = _ABOUT_PAGES
    choices = ["overview", "timeline", "consent", "who-has-looked"]
    pages.add_argument("--page", choices=choices, default="overview")
    pages.set_defaults(run_command=_pages)
    for parser in (families, pages):
        _add_load(parser)
    withdrawal = _add(names, common, "withdrawal", "how soon a withdrawal counts")
    withdrawal.description = _ABOUT_WITHDRAWAL
    withdrawal.add_argument("--withdrawals", type=int, default=100)
    withdrawal.add_argument("--seconds", type=float, default=20.0, help="over which they go")
    withdrawal.add_argument("--clients", type=int, default=4, help="that read beside")
    withdrawal.set_defaults(run_command=_withdrawal)
    _add_family_pages(names, common)
    _add_hapi(names, common)


def _add_family_pages(names: Any, common: argparse.ArgumentParser) -> None:
    family = _add(names, common, "family-pages", "families' own pages, and taking a yes back")
    family.description = _ABOUT_FAMILY_PAGES
    family.add_argument("--families", type=int, default=20)
    family.add_argument("--clients", type=int, default=4)
    family.add_argument("--seconds", type=float, default=4.0, help="of each page")
    family.set_defaults(run_command=_family_pages)


def _family_pages(args: argparse.Namespace) -> int:
    from deploy.bench.commands import plain_of  # noqa: PLC0415 it adds these
    from deploy.bench.over_http import family_pages  # noqa: PLC0415 only here

    asked = family_pages.AskedFamilyPages(args.families, args.clients, args.seconds)
    document = family_pages.bench_family_pages(settings_from(args), asked)
    print_document(args, document, plain=plain_of(document))
    return 0


def _add_hapi(names: Any, common: argparse.ArgumentParser) -> None:
    hapi = _add(names, common, "beside-hapi", "families here beside a HAPI FHIR server")
    hapi.description = _ABOUT_HAPI
    hapi.add_argument("--hapi", required=True, metavar="URL", help="where it answers")
    hapi.add_argument("--hapi-start", metavar="COMMAND", help="starts it, and returns")
    hapi.add_argument("--hapi-stop", metavar="COMMAND", help="stops it, and returns")
    told = "whose CPU to count, by a file with its process id"
    hapi.add_argument("--hapi-process", action="append", default=[], metavar="NAME=FILE", help=told)
    kept = Path("bench-beside-hapi.json")
    hapi.add_argument("--keep", type=Path, default=kept, help="where its figures are kept")
    hapi.add_argument("--families", type=int, default=200)
    hapi.add_argument("--clients", type=int, default=8)
    hapi.add_argument("--seconds", type=float, default=10.0)
    hapi.add_argument("--rounds", type=int, default=2)
    hapi.set_defaults(run_command=_beside_hapi)


def _add(
    names: Any, common: argparse.ArgumentParser, name: str, about: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = names.add_parser(
        name,
        parents=[common],
        help=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def _add_load(parser: argparse.ArgumentParser) -> None:
    many = parser.add_mutually_exclusive_group()
    many.add_argument("--families", type=int, default=1000)
    many.add_argument("--records", type=int, help="in families of a hundred")
    parser.add_argument("--clients", type=int, default=8, help="at once, in the closed loop")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each load of each round")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rate", type=float, help="of the open loop, a second")
    parser.add_argument("--encoding", choices=["gzip", "identity"], default="gzip")


def _families(args: argparse.Namespace) -> int:
    from deploy.bench.over_http.reading import Form, families_in  # noqa: PLC0415 only here

    return _read(args, families_in(Form(args.format)))


def _pages(args: argparse.Namespace) -> int:
    from deploy.bench.over_http.reading import Page, pages_of  # noqa: PLC0415 only here

    return _read(args, pages_of(Page(args.page)))


def _read(args: argparse.Namespace, reading: Any) -> int:
    from deploy.bench.commands import plain_of  # noqa: PLC0415 it adds these
    from deploy.bench.one_family import RECORDS  # noqa: PLC0415 only here
    from deploy.bench.over_http.reading import Asked, bench_reading  # noqa: PLC0415 only here

    asked = Asked(
        families=args.records // RECORDS if args.records else args.families,
        clients=args.clients,
        seconds=args.seconds,
        rounds=args.rounds,
        rate=args.rate,
        data=args.data,
        encoding=args.encoding,
    )
    document = bench_reading(settings_from(args), reading, asked)
    print_document(args, document, plain=plain_of(document))
    return 0


def _withdrawal(args: argparse.Namespace) -> int:
    from deploy.bench.commands import plain_of  # noqa: PLC0415 it adds these
    from deploy.bench.over_http.withdrawing import (  # noqa: PLC0415 only here
        AskedWithdrawal,
        bench_withdrawal,
    )

    asked = AskedWithdrawal(args.withdrawals, args.seconds, args.clients)
    document = bench_withdrawal(settings_from(args), asked)
    print_document(args, document, plain=plain_of(document))
    return 0


def _beside_hapi(args: argparse.Namespace) -> int:
    from deploy.bench.beside_hapi import Beside, bench_beside_hapi  # noqa: PLC0415 only here
    from deploy.bench.commands import plain_of  # noqa: PLC0415 it adds these

    processes = (one.partition("=") for one in args.hapi_process)
    beside = Beside(
        args.hapi,
        args.keep,
        args.hapi_start,
        args.hapi_stop,
        {name: Path(file) for name, _, file in processes},
        args.families,
        args.clients,
        args.seconds,
        args.rounds,
        args.data,
    )
    document = bench_beside_hapi(settings_from(args), beside)
    print_document(args, document, plain=plain_of(document))
    return 0
