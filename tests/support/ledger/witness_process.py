"""A witness as a process of its own, as another organisation would run it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from consent.transparency.verifier_key import VerifierKey
from services.ledger.witness.postgres import HttpWitness, WitnessAddress
from tests.support.checkout import ROOT
from tests.support.ledger.ledger_builders import SIGNER
from tests.support.waiting import GENEROUS

NAME = "witness.example/w1"


@dataclass(frozen=True, slots=True)
class RunningWitness:
    """What is known of it outside."""

    address: WitnessAddress
    process: "subprocess.Popen[str]"

    def client(self) -> HttpWitness:
        """Ask it over HTTP."""
        return HttpWitness(self.address, seconds=GENEROUS)

    def kill(self) -> None:
        """As power goes."""
        self.process.kill()
        self.process.wait()


def command(*arguments: object) -> list[str]:
    """Give the command line of `ledger witness`."""
    return [sys.executable, "-m", "services", "ledger", "witness", *map(str, arguments), "--json"]


def make_key(folder: Path) -> VerifierKey:
    """Make its key; gives what it tells others."""
    arguments = ("--new-key", "--key-file", folder / "witness.key", "--name", NAME)
    done = subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, check=True, timeout=GENEROUS
    )
    return VerifierKey.parse(json.loads(done.stdout)["verifier_key"])


@contextmanager
def running_witness(
    folder: Path, *, log: VerifierKey = SIGNER.verifier_key
) -> Iterator[RunningWitness]:
    """Run it for one log, on a free port, until the block ends."""
    files = ("--key-file", folder / "witness.key", "--state", folder / "witness.state")
    process = subprocess.Popen(
        command(*files, "--origin", f"{log.name}={log}", "--port", 0),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        address = WitnessAddress(VerifierKey.parse(told["verifier_key"]), told["url"])
        try:
            yield RunningWitness(address, process)
        finally:
            process.kill()
