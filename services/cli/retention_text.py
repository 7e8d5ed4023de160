"""Rules and reports of retention, as documents and as lines. Counts and codes; nobody is named."""

import json
from dataclasses import fields
from typing import Any

from schemas.vocabulary import Category, Source
from services.aggregation.retention import Duration, RetentionRule, RetentionRules
from services.workers.sweeping import SweepReport


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
