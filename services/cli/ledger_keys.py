"""The `--key` of the ledger commands: verifier keys, as many as wanted."""

import argparse
import sys
from typing import Any

from consent.errors import NoteMalformedError
from consent.verifier_key import VerifierKey

USAGE_ERROR = 2


class UnusableKeyError(Exception):
    """A `--key` is not a verifier key; tells what is wrong with it."""


class KeysAction(argparse.Action):
    """Takes several keys after one `--key`, and gives back the file that follows the last."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse passes it
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,  # noqa: ARG002 - argparse passes it
    ) -> None:
        """Keep what looks like a key, and the first thing that does not."""
        keys = list(namespace.key or [])
        for value in values:
            if "+" in value or getattr(namespace, "file_among_keys", None) is not None:
                keys.append(value)
            else:
                namespace.file_among_keys = value
        namespace.key = keys


def given_file(args: argparse.Namespace) -> str | None:
    """Give the file of a command, whether it stood before or after the keys."""
    file: str | None = getattr(args, "file", None)
    return getattr(args, "file_among_keys", None) if file is None else file


def given_keys(args: argparse.Namespace) -> list[VerifierKey]:
    """Read the keys of a command; raises UnusableKeyError."""
    texts = list(args.key or [])
    if getattr(args, "file", None) is not None and getattr(args, "file_among_keys", None):
        texts.append(args.file_among_keys)
    try:
        return [VerifierKey.parse(text) for text in texts]
    except NoteMalformedError as error:
        raise UnusableKeyError(str(error)) from None


def tell(text: str) -> None:
    """Say something to the person at the terminal, beside the document."""
    sys.stderr.write(f"{text}\n")
