"""Alert rules name metrics that there are, with labels that they have, and runbooks to follow."""

import re
from typing import Any, Final

import yaml

from services.audit.integrity.seen.metrics import METRICS, Metric, MetricKind
from tests.support.deploy_tools import of_the_machine, said_by
from tests.support.deployed import DEPLOY
from tests.support.seen import known_series

_RULES: Final = DEPLOY / "prometheus/alerts.yaml"
_NAMED: Final = re.compile(r"(tell_once_[a-z_]+)(?:\{([^}]*)\})?")
_LABEL: Final = re.compile(r'([a-z_]+)="([^"]*)"')
# What each alert that the council was promised rests on (issue of the deployment).
_PROMISED: Final = {
    "tell_once_lag_messages",
    "tell_once_parked_messages",
    "tell_once_source_silent_seconds",
    "tell_once_withdrawals_let_through",
    "tell_once_withdrawal_to_purge_seconds",
    "tell_once_ledger_waiting_seconds",
    "tell_once_witness_age_seconds",
    "tell_once_undelivered_messages",
    "tell_once_backup_age_seconds",
    "tell_once_follow_up_late_seconds",
    "tell_once_service_requests_undelivered",
    "tell_once_partner_mail_waiting_seconds",
    "tell_once_partner_mail_untold_seconds",
    "tell_once_partners_overdue",
    "tell_once_feed_age_seconds",
}


def _rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(_RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _metric(series: str) -> Metric:
    return next(m for m in METRICS if series in {m.name, *(f"{m.name}_{e}" for e in ("bucket",))})


def test_every_metric_named_in_a_rule_exists_with_its_labels():
    """Prometheus would find nothing under another name, and never say so."""
    named = [found for rule in _rules() for found in _NAMED.findall(rule["expr"])]

    assert {name for name, _ in named} - known_series() == set()
    assert {name for name, _ in named} >= _PROMISED
    for name, labels in named:
        for label, value in _LABEL.findall(labels):
            assert value in _metric(name).labels[label], (name, label)


def test_every_rule_says_what_to_do():
    """A runbook that is there, and whether somebody is to be woken."""
    rules = _rules()

    assert len({rule["alert"] for rule in rules}) == len(rules) > 15
    for rule in rules:
        assert (DEPLOY / "runbooks" / rule["annotations"]["runbook"]).exists(), rule["alert"]
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_metrics_are_named_as_prometheus_wants_them():
    """One prefix, base units, `_total` for what only grows; few labels, each a closed list."""
    for metric in METRICS:
        assert metric.name.startswith("tell_once_")
        assert metric.name.endswith("_total") == (metric.kind is MetricKind.COUNTER)
        assert len(metric.labels) <= 2
        assert all(0 < len(values) < 40 for values in metric.labels.values())


def test_promtool_takes_rules_and_scraping():
    """Where the machine has it."""
    promtool = of_the_machine("promtool")

    said_by([promtool, "check", "rules", str(_RULES)])
    said_by([promtool, "check", "config", str(DEPLOY / "prometheus/scrape.yaml")])
