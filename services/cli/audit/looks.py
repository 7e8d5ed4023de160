"""`tell-once audit looks|access|refusals`: who looked, what was tried, what was refused and why."""

import argparse
import re
from collections.abc import Mapping
from typing import Any

from consent.errors import DecisionInvalidError
from consent.ledger.fields import ACTOR_TEXT, OPAQUE_ID
from schemas.identifiers import PersonId, reference_of
from schemas.vocabulary import Purpose
from services.audit.asked import NotForThem
from services.audit.index.entries import Group
from services.audit.looks import Access, AuditedVisit, AuditedWorker, worker_of
from services.audit.postgres_answers import (
    AccessAnswer,
    AccessAsked,
    Auditing,
    RefusalsAnswer,
    VisitsAnswer,
    family_named,
    place_in_text,
)
from services.cli.audit.asking import (
    FAMILY_HELP,
    Verbs,
    add_paging,
    add_period,
    add_verb,
    asked,
    before_of,
    most_of,
    period_of,
    tell,
)

_LOOKS = f"""
Who looked at this child between two dates, or was refused: by visit, the newest first.

  tell-once audit looks nhs-number:9990000018 --from 2026-11-01 --to 2026-11-30
  tell-once audit looks person:0123456789abcdef0123456789abcdef --json

{FAMILY_HELP}
"""
_ACCESS = f"""
Looks, attempts, searches, exports and audit questions, one by one, the newest first.

  tell-once audit access --group refusals searches --agency RY4 --from 2026-11-23
  tell-once audit access --worker practitioner:ID --family person:ID --json

{FAMILY_HELP}
"""
_REFUSALS = """
What was refused last week, by kind and why, and the newest of it.

  tell-once audit refusals
  tell-once audit refusals --from 2026-11-01 --to 2026-11-30 --json
"""


def add_looks(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit looks`."""
    looks = add_verb(verbs, common, "looks", _looks, _LOOKS)
    looks.add_argument("family", metavar="person:ID or SCHEME:VALUE")
    add_period(looks, days=365)
    add_paging(looks)


def add_access(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit access`."""
    access = add_verb(verbs, common, "access", _access, _ACCESS)
    groups = [group.value for group in Group]
    access.add_argument("--group", nargs="+", choices=groups, default=["looks", "refusals"])
    access.add_argument("--family", metavar="person:ID or SCHEME:VALUE")
    access.add_argument("--worker", metavar="ACTOR", help="practitioner:ID, or any other actor")
    access.add_argument("--agency", metavar="CODE", help="who works there, or ever did")
    access.add_argument("--purpose", choices=[purpose.value for purpose in Purpose])
    add_period(access, days=28)
    add_paging(access)


def add_refusals(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit refusals`."""
    refusals = add_verb(verbs, common, "refusals", _refusals, _REFUSALS)
    add_period(refusals, days=7)
    add_paging(refusals)


def _looks(args: argparse.Namespace) -> int:
    def ask(auditing: Auditing) -> VisitsAnswer | NotForThem:
        since, until = period_of(args, auditing.work.now)
        before = None if args.before is None else before_of(args)
        persons = family_named(args.family, auditing.work)
        return auditing.who_looked(persons, since, until, before=before, most=most_of(args))

    return tell(args, asked(args, ask), _visits_document, _visits_in_lines)


def _access(args: argparse.Namespace) -> int:
    def ask(auditing: Auditing) -> AccessAnswer | NotForThem:
        since, until = period_of(args, auditing.work.now)
        persons: tuple[PersonId, ...] = ()
        if args.family is not None:
            persons = family_named(args.family, auditing.work) or (PersonId("0" * 32),)
        wanted = AccessAsked(
            since,
            until,
            frozenset(map(Group, args.group)),
            persons,
            None if args.worker is None else actor_from_text(args.worker),
            args.agency,
            args.purpose,
            before_of(args),
        )
        return auditing.accesses(wanted, most=most_of(args))

    return tell(args, asked(args, ask), _access_document, _access_in_lines)


def _refusals(args: argparse.Namespace) -> int:
    def ask(auditing: Auditing) -> RefusalsAnswer | NotForThem:
        since, until = period_of(args, auditing.work.now)
        return auditing.refusals(since, until, before=before_of(args), most=most_of(args))

    return tell(args, asked(args, ask), _refusals_document, _refusals_in_lines)


def actor_from_text(typed: str) -> str:
    """An actor as the ledger names them; a bare id is a practitioner's."""
    actor = f"practitioner:{typed}" if re.fullmatch(OPAQUE_ID, typed) else typed
    if re.fullmatch(ACTOR_TEXT, actor) is None:
        raise DecisionInvalidError("worker", "is-no-actor")
    return actor


# As documents, which pages and other programs read, and as lines.


def worker_document(worker: AuditedWorker) -> dict[str, Any]:
    """Who somebody is, as they stood then; they are staff, and named."""
    return {
        "actor": worker.actor,
        "name": worker.name,
        "role": worker.role,
        "job_title": worker.job_title,
        "agency": worker.agency,
        "agency_code": worker.agency_code,
    }


def access_document(access: Access, workers: Mapping[str, AuditedWorker]) -> dict[str, Any]:
    """One entry of something seen or tried."""
    return {
        "entry": str(access.entry),
        "at": access.at.isoformat(),
        "event": access.event.value,
        "by": worker_document(worker_of(access.actor, workers)),
        "answer": access.answered.value,
        "persons": list(access.persons),
        "purpose": access.purpose,
        "categories": list(access.categories),
        "withheld": list(access.withheld),
        "because": list(access.because),
        "policy_version": access.policy_version,
        "decisions": list(access.decisions),
        "through": access.through,
    }


def _visit_document(visit: AuditedVisit, workers: Mapping[str, AuditedWorker]) -> dict[str, Any]:
    return {
        "from": visit.first.isoformat(),
        "to": visit.last.at.isoformat(),
        "by": worker_document(worker_of(visit.actor, workers)),
        "answer": visit.answered.value,
        "categories": list(visit.all_of("categories")),
        "because": list(visit.all_of("because")),
        "decisions": list(visit.all_of("decisions")),
        "accesses": [access_document(access, workers) for access in visit.accesses],
    }


def _visits_document(answer: VisitsAnswer) -> dict[str, Any]:
    return {
        "entered": str(answer.entered),
        "persons": list(answer.subjects),
        "visits": [_visit_document(visit, answer.workers) for visit in answer.visits],
        "next": place_in_text(answer.next),
    }


def _access_document(answer: AccessAnswer) -> dict[str, Any]:
    return {
        "entered": str(answer.entered),
        "rows": [access_document(access, answer.workers) for access in answer.accesses],
        "next": place_in_text(answer.next),
    }


def _refusals_document(answer: RefusalsAnswer) -> dict[str, Any]:
    return {
        "entered": str(answer.entered),
        "counts": [
            {"event": event.value, "because": because.split("+"), "times": times}
            for event, because, times in answer.counts
        ],
        "rows": [access_document(access, answer.workers) for access in answer.accesses],
        "next": place_in_text(answer.next),
    }


def _visits_in_lines(answer: VisitsAnswer) -> str:
    if not answer.subjects:
        return "Nobody is known by that number"
    lines = [
        f"{visit.last.at:%Y-%m-%d %H:%M} UTC  {visit.answered.label}  "
        f"{_worker_in_line(worker_of(visit.actor, answer.workers))}  "
        f"{', '.join(visit.all_of('categories')) or ', '.join(visit.all_of('because'))}"
        for visit in answer.visits
    ]
    return _with_next(lines or ["Nobody looked in this time"], answer.next)


def access_in_line(access: Access, workers: Mapping[str, AuditedWorker]) -> str:
    """One entry in a line."""
    family = f"family {reference_of(access.persons[0])}" if access.persons else "no family"
    what = ", ".join(access.categories or access.because)
    who = _worker_in_line(worker_of(access.actor, workers))
    told = f"{access.event.value}  {access.answered.label}  {who}  {family}  {what}"
    return f"{access.at:%Y-%m-%d %H:%M:%S} UTC  {told}".rstrip()


def _access_in_lines(answer: AccessAnswer) -> str:
    lines = [access_in_line(access, answer.workers) for access in answer.accesses]
    return _with_next(lines or ["Nothing of the kind"], answer.next)


def _refusals_in_lines(answer: RefusalsAnswer) -> str:
    counts = [f"{times:>6}  {event.value}  {why}" for event, why, times in answer.counts]
    lines = [access_in_line(access, answer.workers) for access in answer.accesses]
    return _with_next([*(counts or ["Nothing was refused in this time"]), *lines], answer.next)


def _worker_in_line(worker: AuditedWorker) -> str:
    return ", ".join(part for part in (worker.name, worker.job_title, worker.agency) if part)


def _with_next(lines: list[str], after: object) -> str:
    return "\n".join([*lines, "There are older ones: see `next` with --json"] if after else lines)
