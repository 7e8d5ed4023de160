"""`tell-once kit check|dpia|hazard-log|agreement|privacy-notice|sbom|licences`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from consent.agreement import Agreement
from services.bootstrap import opened
from services.cli.lifecycle.kit.checking import KitItem, what_lacks
from services.cli.lifecycle.kit.components import Component, bill_of_materials, installed_components
from services.cli.lifecycle.kit.flows import not_run, picture, topic_lines
from services.cli.lifecycle.kit.policy import (
    Policy,
    agreement_lines,
    retention_lines,
    running_policy,
)
from services.cli.output import FAILED, print_document, settings_from
from services.platform.clock import SystemClock
from services.platform.settings import Settings

_TEMPLATES = Path(__file__).parent / "templates"
_PAPERS = {
    "dpia": "the data protection impact assessment",
    "hazard-log": "the hazard log of DCB0129 and DCB0160",
    "agreement": "the schedule of the data-sharing agreement",
    "privacy-notice": "the notice that families are given",
    "data-flow": "what comes in, where it goes, and what leaves, as it runs",
    "go-live": "what comes before what until families are in it, and 90 days after",
}
_AS_IT_IS = {"data-flow", "go-live"}
_ABOUT = """
For a council that begins: what is still lacking, and drafts of its papers from the running policy.
People finish and sign them.

  tell-once kit check
  tell-once kit go-live > go-live.md
  tell-once kit dpia > dpia.md
  tell-once kit sbom > sbom.cdx.json
"""


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `kit`."""
    kit = commands.add_parser(
        "kit",
        help="what a new council lacks, and drafts of its papers",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = kit.add_subparsers(dest="verb", required=True, metavar="VERB")

    def add(name: str, run: Callable[[argparse.Namespace], int], about: str) -> None:
        verb = verbs.add_parser(name, parents=[common], help=about, description=about)
        verb.set_defaults(run_command=run)

    add("check", _check, "what is still lacking before families are in it; exit 1 if anything is")
    for name, what in _PAPERS.items():
        draft = what if name in _AS_IT_IS else f"a draft of {what}"
        add(name, partial(_paper, name), draft)
    add("sbom", _sbom, "what the program is made of, as CycloneDX")
    add("licences", _licences, "the licences of what it is made of")


def _check(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application:
        items = what_lacks(running_policy(application), application.clock.now())
    document = {
        "ready": all(item.is_met for item in items),
        "items": [
            {"code": i.code, "met": i.is_met, "what": i.what, "do": None if i.is_met else i.do}
            for i in items
        ],
    }
    print_document(args, document, plain="\n".join(map(_line, items)))
    return 0 if document["ready"] else FAILED


def _line(item: KitItem) -> str:
    mark = "there  " if item.is_met else "lacking"
    return f"{mark}  {item.what}" + ("" if item.is_met else f"\n         {item.do}")


def _paper(name: str, args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application:
        policy, now = running_policy(application), application.clock.now()
    text = _filled(name, policy, now)
    print_document(args, {"paper": name, "text": text}, plain=text.rstrip("\n"))
    return 0


def _filled(name: str, policy: Policy, now: datetime) -> str:
    """The template with what the policy says; a word that is not told is an error, not a gap."""
    # Markdown for a person to finish, never HTML that a browser runs.
    texts = Environment(  # noqa: S701
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    told, found = policy.settings, policy.agreement
    return texts.get_template(f"{name}.md").render(
        today=now.date().isoformat(),
        items=what_lacks(policy, now),
        picture=picture(told),
        not_run=not_run(told),
        topics=topic_lines(),
        family_page=told.family_page_at,
        answering=told.answering_at,
        directory=told.directory_url,
        tells_by=[way for way, is_set in _ways(told) if is_set],
        is_tls=told.tls_certificate is not None,
        council=told.council_name,
        address=told.council_address,
        contact=told.council_contact,
        notice=told.privacy_notice,
        notice_version=told.notice_version,
        storage=told.storage_location,
        vault=told.vault,
        witnesses=len(told.ledger_witnesses.split()) // 2,
        agencies=policy.agencies,
        feeds=policy.feeds,
        agreement=found,
        is_standard=policy.is_standard_agreement,
        agreement_lines=agreement_lines(found) if found else [],
        family_lines=_for_families(found),
        retention_lines=retention_lines(policy.retention),
    )


def _ways(told: Settings) -> Sequence[tuple[str, bool]]:
    """How people outside are written to."""
    return (("email", bool(told.smtp_host)), ("text message", bool(told.sms_gateway_url)))


def _for_families(agreement: Agreement | None) -> list[str]:
    """What may be shared at all, one kind a line."""
    rules = agreement.rules if agreement else ()
    kinds = {category for rule in rules for category in rule.categories}
    return sorted(kind.label for kind in kinds)


def _sbom(args: argparse.Namespace) -> int:
    """One JSON document, with or without --json."""
    args.json = True
    document = bill_of_materials(installed_components(), _now())
    print_document(args, document, plain="")
    return 0


def _licences(args: argparse.Namespace) -> int:
    components = installed_components()
    document = {"components": [_licence(one) for one in components]}
    plain = "\n".join(
        f"{one.name} {one.version}: {', '.join(one.licences) or 'not said'}" for one in components
    )
    print_document(args, document, plain=plain)
    silent = [one.name for one in components[1:] if not one.licences]
    if silent:
        sys.stderr.write(f"tell-once: no licence is said by {', '.join(silent)}\n")
    return 0


def _licence(one: Component) -> dict[str, Any]:
    return {"name": one.name, "version": one.version, "licences": list(one.licences)}


def _now() -> str:
    return f"{SystemClock().now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
