"""`tell-once erase`: everything about a person goes, for good, with a proof that it went."""

import argparse
import re
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from consent.errors import DecisionInvalidError
from consent.ledger.fields import OPAQUE_ID
from schemas.identifiers import PersonId
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.output import REFUSED, print_document, settings_from
from services.cli.profile.profiles import practitioner_from_text
from services.intake.postgres_kept_back import ParkedMessages
from services.ledger.postgres_access import LedgerAccess
from services.ledger.proving import EntryProof, prove_entry
from services.lifecycle.erasure.erasing import (
    ErasePerson,
    Erasure,
    ErasureGround,
    ErasureRefusal,
    key_entry_ids,
)
from services.platform.durable_files import replace_durably
from services.platform.keys.vault import BEFORE_VERSIONS, SecretName
from services.work import unit_of_work
from services.workers.draining import working
from services.workers.erasure import erase

_ABOUT = """
Erases a person, and whoever is one with them: their records, case-loads, tokens, facts, decisions
and withheld messages go, and their data keys are destroyed, so that the bus, parked events and
backups of the database cannot be read. The ledger stays, and proves it. It cannot be undone.

Only information governance and administrators may; a refusal exits 3 and says why. May be run
again at any time: what a killed command left unfinished is finished. PERSON is the opaque id.
Whoever is one with them has to be named with --also, each: a join may be wrong and can be undone,
an erasure cannot. A refusal says who they are.

  tell-once erase PERSON --because consent-withdrawn --as PRACTITIONER --proofs proofs/
  tell-once erase PERSON --because unlawful --as PRACTITIONER --yes --json
"""
_GROUNDS = [g.value for g in ErasureGround if g is not ErasureGround.RESTORED_BACKUP]


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add `erase`."""
    parser = commands.add_parser(
        "erase",
        parents=[common],
        help="erase a person for good",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("person", metavar="PERSON", help="the opaque id")
    parser.add_argument("--because", required=True, choices=_GROUNDS)
    parser.add_argument("--as", required=True, dest="practitioner", metavar="PRACTITIONER")
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="PERSON",
        help="somebody who was joined with them and goes too; for each",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask whether it is meant")
    parser.add_argument("--proofs", type=Path, metavar="FOLDER", help="write proof files here")
    parser.set_defaults(run_command=_erase)


def _erase(args: argparse.Namespace) -> int:
    person = _opaque(args.person)
    if not args.yes:
        _require_meant(person)
    with opened(settings_from(args)) as application, working(application):
        command = _command(args, person, application)
        answer = erase(command, outside=application.outside(DatabaseRole.OWNER))
        if isinstance(answer, ErasureRefusal):
            return _tell_refusal(args, answer, _one_with(person, application))
        proofs = _proofs(answer, application)
        document = _document(answer, proofs, application)
    files = _write(args.proofs, answer, proofs)
    print_document(args, document | {"files": files}, plain=_plain(document, files))
    return 0


def _require_meant(person: PersonId) -> None:
    if not sys.stdin.isatty():
        raise DecisionInvalidError("yes", "cannot be asked here; say --yes if it is meant")
    sys.stderr.write(f"Erase {person} for good? Write the id again: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != person:
        raise DecisionInvalidError("person", "was not written again; nothing was erased")


def _command(args: argparse.Namespace, person: PersonId, application: Application) -> ErasePerson:
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        who = practitioner_from_text(args.practitioner, work)
    also = frozenset(map(_opaque, args.also))
    return ErasePerson(person, ErasureGround(args.because), who.actor, who.role, also)


def _one_with(person: PersonId, application: Application) -> tuple[PersonId, ...]:
    with unit_of_work(application.outside(DatabaseRole.OWNER)) as work:
        everybody = work.clusters.all_of([person])
    return tuple(one for one in everybody if one != person)


def _proofs(erasure: Erasure, application: Application) -> list[EntryProof]:
    """That each key is destroyed, each proved by the ledger as it is signed now."""
    access = LedgerAccess(
        application.engine, signer=application.ledger_signer, copy=application.ledger_copy
    )
    done = access.integrate()
    found = (prove_entry(UUID(entry), access, done) for entry in key_entry_ids(erasure))
    return [proof for proof in found if proof is not None]


def _document(
    erasure: Erasure, proofs: list[EntryProof], application: Application
) -> dict[str, Any]:
    with unit_of_work(application.outside(DatabaseRole.OWNER)) as work:
        parking_key = application.vault.secret(SecretName.PARKED)
        parked = len(ParkedMessages(work.connection, parking_key).list())
    return {
        "erasure": erasure.id,
        "persons": list(erasure.persons),
        "because": erasure.because.value,
        "ordered_by": erasure.ordered_by,
        "ordered_at": erasure.ordered_at.isoformat(),
        "entries": [{"index": p.index, "entry_id": p.entry_id} for p in proofs],
        "proofs": [str(p.proof) for p in proofs],
        "first_wrapping_key_kept": BEFORE_VERSIONS in application.vault.versions(),
        "parked_messages": parked,
    }


def _write(folder: Path | None, erasure: Erasure, proofs: list[EntryProof]) -> list[str]:
    if folder is None:
        return []
    files = [folder / f"{person}.tlog-proof" for person in erasure.persons]
    for file, proof in zip(files, proofs, strict=True):
        replace_durably(file, str(proof.proof).encode())
    return [str(file) for file in files]


def _plain(document: dict[str, Any], files: list[str]) -> str:
    indexes = ", ".join(str(entry["index"]) for entry in document["entries"])
    lines = [
        f"Erased {', '.join(document['persons'])}; every key is destroyed.",
        f"Proved by ledger entries {indexes}: {', '.join(files) or 'tell-once ledger prove INDEX'}",
    ]
    if document["first_wrapping_key_kept"]:
        lines.append(
            "Database backups from before keys could be destroyed still open: run tell-once keys "
            "rotate, then tell-once keys retire (runbook 007)."
        )
    if document["parked_messages"]:
        lines.append(
            f"{document['parked_messages']} other messages are parked: they could not be read, "
            "and do not name this person. Replay them, or let them expire."
        )
    return "\n".join(lines)


def _tell_refusal(
    args: argparse.Namespace, why: ErasureRefusal, others: tuple[PersonId, ...]
) -> int:
    reasons = [{"code": why.value, "text": why.label}]
    document: dict[str, Any] = {"refused": True, "person": args.person, "reasons": reasons}
    told = ""
    if why is ErasureRefusal.NOT_ALONE:
        document["one_with"] = list(others)
        told = f": {', '.join(others)}"
    print_document(args, document, plain=f"Refused: {why.label}{told}.")
    return REFUSED


def _opaque(text: str) -> PersonId:
    if re.fullmatch(OPAQUE_ID, text) is None:
        raise DecisionInvalidError("person", "is not an opaque id")
    return PersonId(text)
