"""`tell-once audit explain|could-see|index`: why, what could have been seen, and the index."""

import argparse
from datetime import date
from typing import Any

from consent.errors import DecisionInvalidError
from schemas.identifiers import PractitionerId, reference_of
from schemas.vocabulary import Purpose
from services.audit.asked import NotForThem
from services.audit.explain.explaining import CouldSee, Explanation, PartThen, Retold
from services.audit.explain.postgres_could_see import DayAnswer, could_see
from services.audit.explain.postgres_explaining import Explained, explain
from services.audit.index.postgres_catching_up import catch_up, check_index, count_up, empty_index
from services.audit.postgres_answers import Auditing, family_named
from services.bootstrap import DatabaseRole, opened
from services.cli.audit.asking import FAMILY_HELP, Verbs, add_verb, asked, tell, text_of
from services.cli.audit.looks import access_document, actor_from_text, worker_document
from services.cli.output import CANNOT_BE_TOLD, FAILED, print_document, progress_bar, settings_from
from services.work.postgres_past import looking_back

_EXPLAIN = """
Why an access was allowed or refused: `decide` asked again with what was on record at its moment.

  tell-once audit explain 4181377
  tell-once audit explain 0190f3c1-7e1a-7000-8000-000000000000 --json

An access is named by its place in the ledger, the id of its entry, or the id of the disclosure.
Exits 0 where the answer is the same, 1 where it is not, 5 where it cannot be told.
"""
_COULD_SEE = f"""
What a worker could see of a family on a day, by category and service, and what they did see.

  tell-once audit could-see --worker ID --family nhs-number:9990000018 --day 2026-11-26

{FAMILY_HELP}
"""
_INDEX = """
Takes new entries into the index by which auditors find them; the relay does so by itself.

  tell-once audit index
  tell-once audit index --check     exits 1 where the index is not what the ledger says
  tell-once audit index --rebuild   empties it and makes it anew
"""


def add_explain(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit explain`."""
    parser = add_verb(verbs, common, "explain", _explain, _EXPLAIN)
    parser.add_argument("access", metavar="ENTRY or DISCLOSURE")


def add_could_see(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit could-see`."""
    parser = add_verb(verbs, common, "could-see", _could_see, _COULD_SEE)
    parser.add_argument("--worker", required=True, metavar="PRACTITIONER")
    parser.add_argument("--family", required=True, metavar="person:ID or SCHEME:VALUE")
    parser.add_argument("--day", required=True, metavar="DATE", help="a day in the UK")
    parser.add_argument("--purpose", choices=[purpose.value for purpose in Purpose])


def add_index(verbs: Verbs, common: argparse.ArgumentParser) -> None:
    """Add `audit index`."""
    parser = add_verb(verbs, common, "index", _index, _INDEX)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="compare it with the ledger")
    how.add_argument("--rebuild", action="store_true", help="make it anew")


def _explain(args: argparse.Namespace) -> int:
    def ask(auditing: Auditing) -> Explained | NotForThem:
        with looking_back(auditing.work.outside) as past:
            return explain(args.access, auditing, past)

    answer = asked(args, ask)
    if isinstance(answer, Explained) and answer.explanation is None:
        raise DecisionInvalidError("access", "is-no-entry-of-the-ledger")
    code = tell(args, answer, _explained_document, _explained_in_lines)
    if not isinstance(answer, Explained) or answer.explanation is None:
        return code
    return {Retold.CANNOT: CANNOT_BE_TOLD, Retold.DIFFERS: FAILED}.get(answer.explanation.told, 0)


def _could_see(args: argparse.Namespace) -> int:
    def ask(auditing: Auditing) -> DayAnswer | NotForThem:
        practitioner = actor_from_text(args.worker).removeprefix("practitioner:")
        persons = family_named(args.family, auditing.work)
        purpose = None if args.purpose is None else Purpose(args.purpose)
        with looking_back(auditing.work.outside) as past:
            return could_see(
                PractitionerId(practitioner),
                persons,
                _day(args.day),
                auditing,
                past,
                purpose=purpose,
            )

    answer = asked(args, ask)
    code = tell(args, answer, _day_document, _day_in_lines)
    is_untold = isinstance(answer, DayAnswer) and answer.lacks and not answer.parts
    return CANNOT_BE_TOLD if is_untold else code


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise DecisionInvalidError("day", "is-not-a-date") from None


def _index(args: argparse.Namespace) -> int:
    with opened(settings_from(args)) as application:
        engine = application.outside(DatabaseRole.RELAY).engine
        if args.check:
            faults = check_index(engine)
            document = {
                "agrees": faults.is_none,
                "lacking": faults.lacking,
                "differing": faults.differing,
                "too_many": faults.too_many,
            }
            print_document(
                args, document, plain=", ".join(f"{k}: {v}" for k, v in document.items())
            )
            return 0 if faults.is_none else FAILED
        if args.rebuild:
            empty_index(engine)
        with progress_bar("Indexing", total=None) as done:
            taken = catch_up(engine, tell=done)
        count_up(engine, now=application.clock.now())
    print_document(args, {"entries": taken}, plain=f"{taken} entries taken in")
    return 0


# As documents and as lines.


def _explained_document(answer: Explained) -> dict[str, Any]:
    told = answer.explanation
    return {"entered": str(answer.entered), **({} if told is None else explanation_document(told))}


def explanation_document(told: Explanation) -> dict[str, Any]:
    """An explanation as a document: ids and codes, and the sentence."""
    return {
        "sentence": told.sentence,
        "replayed": told.told.value,
        "access": access_document(told.access, {told.worker.actor: told.worker}),
        "cannot_be_told": {"kinds": list(told.lacks), "begins_at": text_of(told.begins_at)}
        if told.told is Retold.CANNOT
        else None,
        "differences": list(told.differences),
        **_record_document(told),
        "parts": [_part_then_document(part) for part in told.parts],
        "today": None if told.today is None else list(told.today),
    }


def _record_document(told: Explanation) -> dict[str, Any]:
    """What was on record."""
    return {
        "decisions": [
            {
                "decision": one.id,
                "version": one.version,
                "response": one.response.value,
                "basis": one.basis,
                "decided_by": one.decider.value,
                "decided_at": text_of(one.decided_at),
                "confirmed_at": text_of(one.confirmed_at),
                "notice_version": one.notice_version,
                "until": text_of(one.until),
                "categories": list(one.categories),
            }
            for one in told.decisions
        ],
        "relationships": [
            {
                "relationship": one.id,
                "ground": one.ground,
                "warrant": one.warrant,
                "asked_by": one.by,
                "since": text_of(one.since),
                "until": text_of(one.until),
                "known_at": text_of(one.known_at),
            }
            for one in told.relationships
        ],
        **_standing_document(told),
    }


def _standing_document(told: Explanation) -> dict[str, Any]:
    return {
        "role": None
        if told.role is None
        else {
            "role": told.role.role,
            "agency_code": told.role.agency,
            "since": text_of(told.role.since),
            "asked_by": told.role.asked_by,
            "warranted_by": told.role.warranted_by,
        },
        "agreement": None
        if told.agreement is None
        else {
            "version": told.agreement.version,
            "adopted_at": text_of(told.agreement.adopted_at),
            "valid_from": told.agreement.valid_from,
            "valid_until": told.agreement.valid_until,
        },
    }


def _part_then_document(part: PartThen) -> dict[str, Any]:
    return {
        "person": part.person,
        "category": part.category.value,
        "source": part.source.value,
        "permitted": part.is_permitted,
        "reasons": list(part.reasons),
        "rule": part.rule,
        "decisions": list(part.decisions),
    }


def _explained_in_lines(answer: Explained) -> str:
    told = answer.explanation
    if told is None:
        return ""
    return f"{told.sentence}\n{told.told.label}."


def _part_document(part: CouldSee) -> dict[str, Any]:
    return {
        "category": part.category.value,
        "source": part.source.value,
        "could_see": [
            {
                "from": text_of(span.since),
                "to": text_of(span.until),
                "permitted": span.is_permitted,
                "reasons": list(span.reasons),
                "decisions": list(span.decisions),
            }
            for span in part.spans
        ],
        "seen_at": [text_of(at) for at in part.seen_at],
    }


def _day_document(answer: DayAnswer) -> dict[str, Any]:
    workers = {answer.worker.actor: answer.worker}
    return {
        "entered": str(answer.entered),
        "worker": worker_document(answer.worker),
        "persons": list(answer.subjects),
        "from": text_of(answer.since),
        "to": text_of(answer.until),
        "purpose": answer.purpose,
        "parts": [_part_document(part) for part in answer.parts],
        "looks": [access_document(look, workers) for look in answer.looks],
        "cannot_be_told": {"kinds": list(answer.lacks), "begins_at": text_of(answer.begins_at)}
        if answer.lacks
        else None,
        "is_cut": answer.is_cut,
    }


def _day_in_lines(answer: DayAnswer) -> str:
    if not answer.subjects:
        return "Nobody is known by that number"
    head = [f"{answer.worker.name}, family {reference_of(answer.subjects[0])}"]
    if answer.lacks:
        since = "" if answer.begins_at is None else f" before {answer.begins_at:%Y-%m-%d %H:%M} UTC"
        head.append(f"What was on record of {', '.join(answer.lacks)} is not kept{since}")
    return "\n".join([*head, *(_part_in_line(part) for part in answer.parts)])


def _part_in_line(part: CouldSee) -> str:
    spans = "; ".join(
        f"{span.since:%H:%M}–{span.until:%H:%M} UTC {'yes' if span.is_permitted else 'no'} "
        f"({', '.join(span.reasons)})"
        for span in part.spans
    )
    seen = ", ".join(f"{at:%H:%M}" for at in part.seen_at)
    return (
        f"{part.category.value} of {part.source.value}: {spans}{f'; seen {seen}' if seen else ''}"
    )
