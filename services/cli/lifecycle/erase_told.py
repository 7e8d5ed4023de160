"""What `tell-once erase` says: that somebody was erased, with proofs, or why nobody was."""

import argparse
from pathlib import Path
from typing import Any
from uuid import UUID

from schemas.identifiers import PersonId
from services.bootstrap import Application, DatabaseRole
from services.cli.output import REFUSED, print_document
from services.intake.parked.postgres import ParkedMessages
from services.ledger.postgres_access import LedgerAccess
from services.ledger.proving import EntryProof, prove_entry
from services.lifecycle.erasure.erasing import Erasure, ErasureRefusal, key_entry_ids
from services.platform.durable_files import replace_durably
from services.platform.keys.vault import BEFORE_VERSIONS, SecretName
from services.work import unit_of_work


def tell_carried_out(args: argparse.Namespace, erasure: Erasure, application: Application) -> int:
    """Say who is erased, with the proof that each key is destroyed."""
    proofs = _proofs(erasure, application)
    document = _document(erasure, proofs, application)
    files = _write(args.proofs, erasure, proofs)
    print_document(args, document | {"files": files}, plain=_plain(document, files))
    return 0


def tell_refusal(
    args: argparse.Namespace,
    why: ErasureRefusal,
    person: PersonId | None,
    application: Application,
) -> int:
    """Say why nobody is erased, and who else would go."""
    reasons = [{"code": why.value, "text": why.label}]
    document: dict[str, Any] = {"refused": True, "person": person, "reasons": reasons}
    told = ""
    if why is ErasureRefusal.NOT_ALONE and person is not None:
        others = _one_with(person, application)
        document["one_with"] = list(others)
        told = f": {', '.join(others)}"
    print_document(args, document, plain=f"Refused: {why.label}{told}.")
    return REFUSED


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
