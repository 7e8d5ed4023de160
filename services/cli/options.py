"""Options that every command has, and the settings that follow from them."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from services.settings import Settings


def common_options() -> argparse.ArgumentParser:
    """--data, --database, --bus, --json: for `parents=`."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--data", type=Path, help="the data folder (or TELL_ONCE_DATA)")
    parser.add_argument("--database", help="a PostgreSQL URL instead of the embedded one")
    parser.add_argument("--bus", help="kafka://host:port[,host:port] instead of PostgreSQL")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    return parser


def settings_from(args: argparse.Namespace, **more: object) -> Settings:
    """Settings from the environment, overridden by what was typed."""
    typed = {
        "data": args.data,
        "database": args.database,
        "bus": args.bus,
        "port": getattr(args, "port", None),
        **more,
    }
    return Settings(**{name: value for name, value in typed.items() if value is not None})


def print_document(args: argparse.Namespace, document: Any, *, plain: str) -> None:
    """The document with --json, the sentence without; nothing else on standard output."""
    text = json.dumps(document, ensure_ascii=False) if args.json else plain
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
