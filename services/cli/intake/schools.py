"""`tell-once schools`: the national register of schools, and what their lists' titles mean."""

import argparse
import re
import sys
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

from connectors.schools.class_list.titles import MOST_BYTES, SchoolTitles, read_school_titles
from services.bootstrap import Application, DatabaseRole
from services.cli.operator import operator
from services.cli.orders import OfficersGroup, owned
from services.cli.output import FAILED, print_document
from services.intake.schools.gias import GiasFault, read_gias
from services.intake.schools.saying import (
    SayingOfSchools,
    remove_titles,
    replace_register,
    set_titles,
)
from services.work import UnitOfWork, unit_of_work

_ABOUT = """
Get Information about Schools gives a file of all establishments to anybody (edubasealldata): load
it anew each month, and pages name and ring a school of which a record has only the number.

A school whose lists have titles of its own says once what they mean, in a file like
schemas/published/school-titles-template.csv. Its lists are then read with --school, or in a folder
where they are called so: autumn.school-123456.csv

  tell-once schools gias edubasealldata20261201.csv
  tell-once schools show 123456
  tell-once schools mapping set --school 123456 titles.csv
  tell-once schools mapping show --school 123456
"""
_URN = re.compile(r"[0-9]{6}")


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `schools`."""
    schools = commands.add_parser(
        "schools",
        help="names of schools, and what the titles of their lists mean",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = schools.add_subparsers(dest="verb", required=True, metavar="VERB")
    group = OfficersGroup("schools", _ABOUT, verbs, common)
    gias = group.verb("gias", _load, "Take the register's file in the place of the one before.")
    gias.add_argument("file", type=Path, metavar="FILE")
    show = group.verb("show", _show, "What is known of a school, by either of its numbers.")
    show.add_argument("number", metavar="NUMBER")
    mapping = verbs.add_parser("mapping", help="what the titles of a school's lists mean")
    of_mapping = mapping.add_subparsers(dest="what", required=True, metavar="VERB")
    titles = OfficersGroup("schools mapping", _ABOUT, of_mapping, common)
    for name, run, told in (
        ("set", _set, "Say what a school's own titles mean, in the place of what was said before."),
        ("show", _show_titles, "What a school's own titles mean, and who said so when."),
        ("remove", _remove, "Take back what was said: its lists are read as anybody's."),
    ):
        verb = titles.verb(name, run, told)
        verb.add_argument("--school", required=True, type=_urn, metavar="URN")
        if name == "set":
            verb.add_argument("file", type=Path, metavar="FILE")


def titles_of_school(application: Application, urn: str) -> Mapping[str, str] | None:
    """What a school's own titles mean; None, which it tells, where nobody said so."""
    with unit_of_work(application.outside(DatabaseRole.CONNECTORS)) as work:
        said = work.schools.titles_of(urn)
    if said is None:
        _tell_of_no_titles(urn)
        return None
    return said.titles.by_name


def _tell_of_no_titles(urn: str) -> int:
    set_them = f"tell-once schools mapping set --school {urn} FILE"
    sys.stderr.write(f"tell-once: nothing is said of the titles of school {urn}: {set_them}\n")
    return FAILED


def _urn(text: str) -> str:
    if not _URN.fullmatch(text):
        raise argparse.ArgumentTypeError("a URN has six figures")
    return text


def _saying(work: UnitOfWork) -> SayingOfSchools:
    return SayingOfSchools(work.schools, work.hasher, work.ledger, operator())


def _load(args: argparse.Namespace) -> int:
    with args.file.open("rb") as file:
        found = read_gias(file)
        file.seek(0)
        read = file_digest(file, "sha256").hexdigest()
    if isinstance(found, GiasFault):
        sys.stderr.write(f"tell-once: {args.file}: {found.label}. Nothing was changed.\n")
        return FAILED
    with owned(args) as work:
        replace_register(found, read, _saying(work))
    with_telephone = sum(1 for school in found if school.telephone)
    told = {"schools": len(found), "with_telephone": with_telephone}
    plain = f"{len(found):,} schools, {with_telephone:,} of them with a telephone number."
    print_document(args, told, plain=plain)
    return 0


def _show(args: argparse.Namespace) -> int:
    code = args.number.replace("/", "")
    with owned(args) as work:
        school = work.schools.by_code({code}).get(code)
    if school is None:
        sys.stderr.write("tell-once: no school has this number here\n")
        return FAILED
    told = {"urn": school.urn, "number": school.number, "name": school.name}
    told["telephone"] = school.telephone
    parts = (f"URN {school.urn}", school.number, school.telephone or "no telephone number")
    plain = f"{school.name}: {', '.join(part for part in parts if part)}"
    print_document(args, told, plain=plain)
    return 0


def _set(args: argparse.Namespace) -> int:
    with args.file.open("rb") as file:
        found = read_school_titles(file.read(MOST_BYTES + 1))
    if not isinstance(found, SchoolTitles):
        for one in found:
            where = f" row {one.row}:" if one.row else ""
            sys.stderr.write(f"tell-once: {args.file}:{where} {one.fault.label}\n")
        sys.stderr.write("tell-once: nothing was changed\n")
        return FAILED
    with owned(args) as work:
        set_titles(args.school, found, _saying(work))
    told = {"school": args.school, "titles": dict(found.meaning)}
    print_document(args, told, plain=f"{len(found.meaning)} titles of school {args.school}.")
    return 0


def _show_titles(args: argparse.Namespace) -> int:
    with owned(args) as work:
        said = work.schools.titles_of(args.school)
    if said is None:
        return _tell_of_no_titles(args.school)
    titles = dict(said.titles.meaning)
    told = {"school": args.school, "since": said.at.isoformat(), "by": said.by, "titles": titles}
    lines = [f"Since {said.at:%Y-%m-%d}, by {said.by}:"]
    lines += [f"  {title}: {column}" for title, column in titles.items()]
    print_document(args, told, plain="\n".join(lines))
    return 0


def _remove(args: argparse.Namespace) -> int:
    with owned(args) as work:
        remove_titles(args.school, _saying(work))
    print_document(args, {"school": args.school}, plain="Its lists are read as anybody's.")
    return 0
