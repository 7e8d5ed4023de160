"""What `ledger witness` takes."""

import argparse
from pathlib import Path


def add_witness_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `ledger witness` takes."""
    parser.add_argument("--new-key", action="store_true", help="make the key, and end")
    parser.add_argument("--name", help="of the new key; by default this machine's")
    parser.add_argument(
        "--key-file", type=Path, default=Path("witness.key"), metavar="FILE", help="its own key"
    )
    parser.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="ORIGIN=VERIFIER_KEY",
        help="a log to look after; may be repeated",
    )
    parser.add_argument("--logs", type=Path, metavar="FILE", help="a list of logs (logs/v0)")
    parser.add_argument(
        "--state",
        type=Path,
        default=Path("witness.state"),
        metavar="FILE",
        help="keeps what was seen last; never restore an older one",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=0, help="0 for any free one")
