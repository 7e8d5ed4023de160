"""An installation to disturb, and what is true of it when all went well in the end."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.checkout import ROOT
from tests.support.installation import Installation
from tests.support.kafka_broker import LocalBroker
from tests.support.killing.kill_preparation import Prepared
from tests.support.waiting import on_this_machine

_SECONDS_TO_STOP = 15.0


@contextmanager
def an_installation(
    prepared: Prepared, broker: LocalBroker | None = None, within: Path | None = None
) -> Iterator[Installation]:
    """Give a copy of what was prepared, with nothing left running afterwards."""
    with tempfile.TemporaryDirectory(prefix="tell-once-kill-") as folder:
        data = (within or Path(folder)) / "data"
        subprocess.run(["cp", "-a", str(prepared.data), str(data)], check=True)
        installation = Installation(data, prepared.files, broker)
        try:
            yield installation
        finally:
            installation.close()


def require_clean_stop(installation: Installation) -> None:
    """Stop it as Ctrl-C does: without a fault, and soon."""
    code, seconds = installation.stop_serving()
    assert code == 0
    assert seconds < on_this_machine(_SECONDS_TO_STOP)


def verified_entries(installation: Installation) -> int:
    """Verify the ledger by its command; gives how many entries have their place in the tree."""
    command = [sys.executable, "-m", "services", "ledger", "verify", "--json"]
    command += ["--data", str(installation.data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert report["valid"]
    assert report["errors"] == []
    return int(report["entries"])
