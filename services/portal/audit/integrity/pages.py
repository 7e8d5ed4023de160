"""Whether everything is as it was written, and a proof of any entry or row: for auditors."""

from typing import Any

from starlette.responses import Response

from services.audit.integrity.postgres_looking import integrity_asked
from services.audit.integrity.postgres_proving import (
    NotProved,
    ProofAnswer,
    is_name_of_entry,
    proof_of,
)
from services.audit.looks import worker_of
from services.portal.audit.addresses import INTEGRITY, LedgerEntryInPath
from services.portal.audit.csv_files import csv_file
from services.portal.audit.filters import filters_of
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.integrity.words import (
    checkpoint_rows,
    part_lines,
    pass_rows,
    standing_line,
    witness_lines,
)
from services.portal.frame.forms import FormErrors
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.words.dates import moment_in_words

router = audit_router()
PROOF = f"{INTEGRITY}/proof"
_COLUMNS = ("part", "stands", "because", "number", "at")


@router.get(INTEGRITY)
def show_integrity(visit: CurrentVisit) -> Response:
    """Show how each part stands; nothing is verified while somebody waits."""
    watched = visit.services.audit.watched
    answer = answered(visit, lambda auditing: integrity_asked(auditing, watched))
    found = answer.integrity
    if filters_of(visit.request).text("as") == "csv":
        rows = [
            (one.part, one.stands, one.because, one.number, one.at and one.at.isoformat())
            for one in found.findings
        ]
        return csv_file("integrity", _COLUMNS, rows)
    return show_audit(
        visit,
        "integrity.html",
        AuditSection.INTEGRITY,
        entered=answer.entered,
        standing=standing_line(found),
        off=part_lines(found, only_off=True),
        parts=part_lines(found),
        checkpoint=checkpoint_rows(found),
        last_pass=pass_rows(found),
        faults=() if found.last_pass is None else found.last_pass.first_faults,
        witnesses=witness_lines(found),
        csv=f"{INTEGRITY}?as=csv",
        proof=PROOF,
    )


@router.get(PROOF)
def find_proof(visit: CurrentVisit) -> Response:
    """Go to the proof of what is named, or say what can be."""
    named = filters_of(visit.request).text("of")
    if is_name_of_entry(named):
        return go_to(f"{PROOF}/{named.replace(',', '')}")
    errors = FormErrors()
    if named:
        errors.add("of", "Enter an entry’s number or id, or the id of a decision or another row")
    return show_audit(
        visit,
        "proof.html",
        AuditSection.INTEGRITY,
        is_below=True,
        status=422 if errors else 200,
        errors=errors,
        proof=PROOF,
    )


@router.get(f"{PROOF}/{{entry}}")
def show_proof(visit: CurrentVisit, entry: LedgerEntryInPath) -> Response:
    """Show that an entry is in the signed ledger, by hashes that anybody can check."""
    answer = _proof(visit, entry)
    if isinstance(answer.proof, NotProved) or answer.entry is None:
        why = answer.proof if isinstance(answer.proof, NotProved) else NotProved.BROKEN
        return _page(visit, answer, why=why.label, table=answer.table)
    proved = answer.proof
    return _page(
        visit,
        answer,
        table=answer.table,
        rows=[
            ("Entry", str(proved.entry_id)),
            ("Number", f"{proved.index:,}"),
            ("What it is of", answer.entry.event.value),
            ("Written", moment_in_words(answer.entry.at)),
            ("By", worker_of(answer.entry.actor, {}).name),
            ("In a ledger of", f"{proved.size:,} entries"),
            ("Hashes up to the root", str(len(proved.proof.hashes))),
        ],
        checkpoint=proved.proof.checkpoint,
        key=str(visit.services.audit.watched.signer.verifier_key),
        download=f"{PROOF}/{entry}/file",
        file=_file_name(proved.index),
    )


@router.get(f"{PROOF}/{{entry}}/file")
def download_proof(visit: CurrentVisit, entry: LedgerEntryInPath) -> Response:
    """Give the proof as a file (c2sp.org/tlog-proof) that carries the entry and needs nobody."""
    answer = _proof(visit, entry)
    if isinstance(answer.proof, NotProved):
        return go_to(f"{PROOF}/{entry}")
    name = _file_name(answer.proof.index)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(
        str(answer.proof.proof), media_type="text/plain; charset=utf-8", headers=headers
    )


def _proof(visit: Visit, entry: str) -> ProofAnswer:
    key = visit.services.audit.watched.signer.verifier_key
    return answered(visit, lambda auditing: proof_of(entry, auditing, key))


def _page(visit: Visit, answer: ProofAnswer, **words: Any) -> Response:
    return show_audit(
        visit,
        "proof.html",
        AuditSection.INTEGRITY,
        entered=answer.entered,
        is_below=True,
        proof=PROOF,
        **words,
    )


def _file_name(index: int) -> str:
    return f"entry-{index}.tlog-proof"
