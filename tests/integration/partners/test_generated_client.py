"""A client that a vendor generates from the published document works as it comes."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from deploy.own_venv import OPENAPI_CLIENTS
from schemas.publishing import OPENAPI, PUBLISHED
from services.interfaces.partners.described.examples import ASKED
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.partners import NORTHFIELD
from tests.support.partners_database import PartnersOnDatabase
from tests.support.partners_served import served
from tests.support.waiting import GENEROUS

_MISSING = OPENAPI_CLIENTS.what_is_missing()
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.enable_socket,
    pytest.mark.skipif(_MISSING is not None, reason=_MISSING or ""),
]
_PROGRAM = Path(__file__).parent / "generated_client.py"
_GENERATE = "import sys; from openapi_python_client.cli import app; app(sys.argv[1:])"


def _generated(folder: Path) -> str:
    """Generate a client into the folder; gives all that was said of it."""
    words = ("generate", "--path", str(PUBLISHED / OPENAPI), "--meta", "none")
    where = ("--output-path", str(folder / "tell_once_for_other_systems_client"))
    done = subprocess.run(
        [str(OPENAPI_CLIENTS.python), "-I", "-c", _GENERATE, *words, *where],
        check=True,
        capture_output=True,
        text=True,
        timeout=GENEROUS,
        env=os.environ | {"PATH": f"{OPENAPI_CLIENTS.python.parent}:{os.environ['PATH']}"},
    )
    return done.stdout + done.stderr


def test_a_generated_client_sends_and_reads(outside: Outside, tmp_path: Path) -> None:
    """Nothing of the document is left out, and what it makes needs no mending."""
    said = _generated(tmp_path)
    with InProcess.running(outside) as running:
        partners = PartnersOnDatabase.over(running)
        secret = partners.onboard()
        children = ASKED["push-children"]["application/json"]
        with served(partners) as url:
            told = {"url": url, "client_id": NORTHFIELD, "secret": secret, "children": children}
            done = subprocess.run(
                [str(OPENAPI_CLIENTS.python), str(_PROGRAM)],
                input=json.dumps(told),
                check=True,
                stdout=subprocess.PIPE,
                text=True,
                timeout=GENEROUS,
                env={"PYTHONPATH": str(tmp_path)},
            )

    answered = json.loads(done.stdout)
    assert [word for word in ("WARNING", "Unable", "ERROR") if word in said] == []
    assert len(answered["receipts"]) == 2
    assert set(answered["dispositions"]) == {"withheld"}
    assert answered["refused"] == "No access token that holds"
    assert answered["document"].startswith("3.1")
