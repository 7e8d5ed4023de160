"""`tell-once decision receipt|check-receipt|receipt-keys`: a family's own copy, and its proof."""

import argparse
import sys
from pathlib import Path
from typing import Any

from consent.receipts import document_from_bytes
from consent.transparency.verifier_key import VerifierKey
from schemas.identifiers import DecisionId
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.ledger.commands import KeysAction, UnusableKeyError, given_file, given_keys, tell
from services.cli.operator import operator
from services.cli.output import FAILED, USAGE, print_document, settings_from
from services.decisions.receipts.checking import check_receipt
from services.decisions.receipts.postgres import ReceiptIssuer
from services.decisions.receipts.signing import public_key_pem
from services.ledger.postgres_access import LedgerAccess
from services.work import unit_of_work
from services.workers.draining import working

_RECEIPT = """
Gives the consent receipt of a decision (ISO/IEC TS 27560), signed, with its proof in the ledger.

  tell-once decision receipt DECISION_ID --output receipt.json
  tell-once decision receipt DECISION_ID > receipt.json

Exit code 4 while the ledger does not prove the decision yet.
"""
_CHECK = """
Checks a consent receipt without any database: that it was issued by who holds the key, is as it
was issued, and says what the ledger says. Needs both keys that `decision receipt-keys` prints.

  tell-once decision check-receipt receipt.json --key RECEIPTS_KEY LEDGER_KEY

Exit code 0 when everything fits, 1 when anything does not.
"""
_KEYS = """
Prints the keys by which receipts are checked, to be published where families' advisers find them.

  tell-once decision receipt-keys --pem
"""


def add_verbs(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Add the verbs to `decision`; each sets `run_command`."""
    receipt = _verb(verbs, common, "receipt", _RECEIPT)
    receipt.add_argument("decision", metavar="DECISION_ID")
    receipt.add_argument("--output", type=Path, metavar="FILE", help="write it there")
    receipt.set_defaults(run_command=run_receipt)
    check = _verb(verbs, common, "check-receipt", _CHECK)
    check.add_argument("file", nargs="?", metavar="FILE", help="the receipt; - is standard input")
    check.add_argument(
        "--key",
        nargs="+",
        action=KeysAction,
        required=True,
        metavar="VERIFIER_KEY",
        help="a key to trust, as name+hash+base64; may be repeated",
    )
    check.set_defaults(run_command=run_check_receipt)
    keys = _verb(verbs, common, "receipt-keys", _KEYS)
    keys.add_argument("--pem", action="store_true", help="the receipts' key for openssl too")
    keys.set_defaults(run_command=run_receipt_keys)


def run_receipt(args: argparse.Namespace) -> int:
    """Issue the receipt and print or write it."""
    with opened(settings_from(args)) as application, working(application):
        _ledger(application).integrate()
        issuer = ReceiptIssuer(application.council, application.receipt_signer)
        with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
            content = issuer.issue(DecisionId(args.decision), actor=operator(), work=work)
        keys = _keys(application)
    told = document_from_bytes(content).receipt["receipt_metadata"]
    if told["addressed_to"]["not_for"]:
        tell("tell-once: this receipt is for the young person, and nobody else")
    if args.output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return 0
    args.output.write_bytes(content)
    written: dict[str, Any] = {"decision_id": args.decision, "file": str(args.output)}
    written |= {"receipt_id": told["receipt_id"], "verifier_keys": [str(key) for key in keys]}
    print_document(args, written, plain=f"Wrote the receipt {told['receipt_id']} to {args.output}")
    return 0


def run_check_receipt(args: argparse.Namespace) -> int:
    """Check a receipt offline; 0 when everything fits, 1 when anything does not."""
    try:
        keys, content = given_keys(args), _content(given_file(args))
    except (UnusableKeyError, OSError) as error:
        tell(f"tell-once: {error}")
        return USAGE
    checked = check_receipt(content, keys)
    for fault in checked.faults:
        tell(f"tell-once: {fault}")
    document = {"valid": checked.is_valid, **checked.told, "errors": list(checked.faults)}
    print_document(args, document, plain="\n".join(f"{k}: {v}" for k, v in document.items()))
    return 0 if checked.is_valid else FAILED


def run_receipt_keys(args: argparse.Namespace) -> int:
    """Print the keys of receipts and of the ledger."""
    with opened(settings_from(args)) as application:
        receipts, ledger = _keys(application)
    document = {"receipts": str(receipts), "ledger": str(ledger)}
    if args.pem:
        document["receipts_pem"] = public_key_pem(receipts)
    print_document(args, document, plain="\n".join(document.values()).rstrip("\n"))
    return 0


def _content(file: str | None) -> bytes:
    if file is None:
        raise UnusableKeyError("name the receipt to check")
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def _keys(application: Application) -> tuple[VerifierKey, VerifierKey]:
    return application.receipt_signer.verifier_key, application.ledger_signer.verifier_key


def _ledger(application: Application) -> LedgerAccess:
    return LedgerAccess(
        application.engine, signer=application.ledger_signer, copy=application.ledger_copy
    )


def _verb(
    verbs: Any, common: argparse.ArgumentParser, name: str, about: str
) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(
        name,
        parents=[common],
        help=about.strip().partition(".")[0],
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return verb
