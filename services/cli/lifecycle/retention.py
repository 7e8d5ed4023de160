"""`tell-once retention sweep|rules|hold|release|held`: how long what is kept."""

import argparse
import json
from dataclasses import fields
from typing import Any

from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Source
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.operator import operator
from services.cli.output import print_document, progress_bar, settings_from
from services.lifecycle.retention.holds import Holding, HoldReason, hold_person, release_person
from services.lifecycle.retention.postgres import AGGREGATION, CONNECTORS, RetentionHolds
from services.lifecycle.retention.rules import (
    Duration,
    RetentionRule,
    RetentionRules,
    retention_rules,
)
from services.platform.database.activity import count_persons
from services.platform.errors import UnknownPersonError
from services.work import UnitOfWork, unit_of_work
from services.workers.draining import working
from services.workers.retention import (
    SweepReport,
    enter_in_ledger,
    sweep_folder,
    sweep_records,
    sweep_rows,
)

# Rules and reports, as documents and as lines. Counts and codes; nobody is named.


def report_document(report: SweepReport) -> dict[str, Any]:
    """What went, or would go."""
    return {
        "dry_run": report.dry_run,
        "rules": {"version": report.rules.version, "sha256": report.rules.sha256},
        "persons_looked_at": report.persons,
        "records": report.records,
        "held_back": report.held_back,
        "by_rule": [
            {"rule": rule, "source": source.value, "category": category.value, "records": count}
            for (rule, source, category), count in sorted(report.lines.items())
        ],
        "rows": dict(sorted(report.rows.items())),
    }


def report_text(report: SweepReport) -> str:
    """The same in lines."""
    verb = "would go" if report.dry_run else "went"
    lines = [
        f"  {count:>8,} {source.value} {category.value} ({rule})"
        for (rule, source, category), count in sorted(report.lines.items())
    ]
    rows = [f"  {count:>8,} {kind}" for kind, count in sorted(report.rows.items()) if count]
    head = f"{report.records:,} records of the profile {verb} by {report.rules.version}:"
    held = [f"{report.held_back:,} more are held."] if report.held_back else []
    return "\n".join([head, *lines, *rows, *held])


def rules_document(rules: RetentionRules) -> dict[str, Any]:
    """The rules as their file states them."""
    kept = rules.housekeeping
    return {
        "version": rules.version,
        "rules": [_rule_document(rule) for rule in rules.rules],
        "housekeeping": {
            name: _period(getattr(kept, name)) for name in (field.name for field in fields(kept))
        },
    }


def rules_text(rules: RetentionRules) -> str:
    """The same in lines."""
    return json.dumps(rules_document(rules), indent=2, ensure_ascii=False)


def _rule_document(rule: RetentionRule) -> dict[str, Any]:
    ends = {"until_age": rule.until_age, "after_end": _period(rule.after_end)}
    return {
        "id": rule.id,
        "sources": [source.value for source in Source if source in rule.sources],
        "categories": [c.value for c in Category if c in rule.categories],
        **{name: value for name, value in ends.items() if value is not None},
        **({"while_it_goes_on": True} if rule.while_it_goes_on else {}),
        "at_most": _period(rule.at_most),
        "the_source_keeps": rule.the_source_keeps,
        "because": rule.because,
    }


def _period(duration: Duration | None) -> str | None:
    if duration is None:
        return None
    years, months = divmod(duration.months, 12)
    return f"P{duration.months}M" if months else f"P{years}Y"


_SWEEP = """
Purges what is past its time by the rules of retention, as the aggregation process does once a
day. --dry-run only says what would go. May be stopped at any time and run again.

  tell-once retention sweep --dry-run --data DIR
  tell-once retention sweep --data DIR --json
"""
_RULES = """
Shows the rules in force: the standard ones, or those of the file that TELL_ONCE_RETENTION_RULES
names (the standard ones as JSON are where to begin).

  tell-once retention rules
  tell-once retention rules --json > rules.json
"""
_HOLD = """
Keeps everything about a person whatever its age, because an inquiry or a court wants it. What may
no longer be shared is purged all the same, and what the person may not see stays hidden.

  tell-once retention hold PERSON --because inquiry --data DIR
"""
_RELEASE = """
Ends a hold: what is past its time goes with the next sweep.

  tell-once retention release PERSON --data DIR
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `retention`."""
    retention = commands.add_parser("retention", help="how long what is kept")
    verbs = retention.add_subparsers(dest="verb", required=True, metavar="VERB")

    def add(name: str, run: Any, about: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = verbs.add_parser(
            name,
            parents=[common],
            help=about.strip().split(":")[0].split(".")[0].splitlines()[0],
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.set_defaults(run_command=run)
        return parser

    sweep = add("sweep", _sweep, _SWEEP)
    sweep.add_argument("--dry-run", action="store_true", help="say what would go; nothing goes")
    add("rules", _rules, _RULES)
    hold = add("hold", _hold, _HOLD)
    hold.add_argument("person", metavar="PERSON", help="the opaque id")
    hold.add_argument("--because", required=True, choices=[r.value for r in HoldReason])
    release = add("release", _release, _RELEASE)
    release.add_argument("person", metavar="PERSON", help="the opaque id")
    add("held", _held, "Who is held since when.\n\n  tell-once retention held --data DIR --json\n")


def _sweep(args: argparse.Namespace) -> int:
    settings = settings_from(args)
    report = SweepReport(retention_rules(settings.retention_rules), dry_run=args.dry_run)
    with opened(settings) as application, working(application):
        _sweep_all(application, report)
    print_document(args, report_document(report), plain=report_text(report))
    return 0


def _sweep_all(application: Application, report: SweepReport) -> None:
    aggregation = application.outside(DatabaseRole.AGGREGATION)
    connectors = application.outside(DatabaseRole.CONNECTORS)
    with unit_of_work(aggregation) as work:
        total = count_persons(work.connection)
    with progress_bar("Persons looked at", total=total) as tell:
        sweep_records(aggregation, report, tell)
    sweep_rows(aggregation, AGGREGATION, report)
    sweep_rows(connectors, CONNECTORS, report)
    sweep_folder(connectors, application.settings.schools_folder, report)
    enter_in_ledger(aggregation, report)


def _rules(args: argparse.Namespace) -> int:
    rules = retention_rules(settings_from(args).retention_rules)
    print_document(args, rules_document(rules), plain=rules_text(rules))
    return 0


def _hold(args: argparse.Namespace) -> int:
    person = PersonId(args.person)
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.OWNER)) as work,
    ):
        if not work.persons.exists(person):
            raise UnknownPersonError("no such person; nobody is held")
        changed = hold_person(
            person, HoldReason(args.because), actor=operator(), holding=_holding(work, application)
        )
    said = "Held from now on." if changed else "Was held already: nothing changed."
    print_document(args, {"person": person, "held": True, "changed": changed}, plain=said)
    return 0


def _release(args: argparse.Namespace) -> int:
    person = PersonId(args.person)
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.OWNER)) as work,
    ):
        changed = release_person(person, actor=operator(), holding=_holding(work, application))
    said = "Released." if changed else "Was not held: nothing changed."
    print_document(args, {"person": person, "held": False, "changed": changed}, plain=said)
    return 0


def _held(args: argparse.Namespace) -> int:
    with (
        opened(settings_from(args)) as application,
        unit_of_work(application.outside(DatabaseRole.PORTAL)) as work,
    ):
        found = RetentionHolds(work.connection, work.clusters).held()
    rows = [{"person": h.person, "because": h.because, "at": h.at.isoformat()} for h in found]
    lines = [f"{row['person']} since {row['at'][:10]}: {row['because']}" for row in rows]
    print_document(args, {"held": rows}, plain="\n".join(lines) or "Nobody is held.")
    return 0


def _holding(work: UnitOfWork, application: Application) -> Holding:
    holds = RetentionHolds(work.connection, work.clusters)
    return Holding(holds, work.ledger, application.clock)
