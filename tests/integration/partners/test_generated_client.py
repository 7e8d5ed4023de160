"""A client that a vendor generates from the published document works as it comes."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from deploy.node_packages import OPENAPI_TYPESCRIPT
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
_NO_NODE = OPENAPI_TYPESCRIPT.what_is_missing()
pytestmark = [pytest.mark.postgres, pytest.mark.enable_socket]
with_node = pytest.mark.skipif(_NO_NODE is not None, reason=_NO_NODE or "")
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


def _called(command: Sequence[str], outside: Outside, *, env: Mapping[str, str]) -> Any:
    """Give what a client's program answers when it is told where we are served."""
    with InProcess.running(outside) as running:
        partners = PartnersOnDatabase.over(running)
        secret = partners.onboard()
        children = ASKED["push-children"]["application/json"]
        with served(partners) as url:
            told = {"url": url, "client_id": NORTHFIELD, "secret": secret, "children": children}
            done = subprocess.run(
                command,
                input=json.dumps(told),
                check=True,
                stdout=subprocess.PIPE,
                text=True,
                timeout=GENEROUS,
                env=env,
            )
    answered = json.loads(done.stdout)
    assert len(answered["receipts"]) == 2
    assert set(answered["dispositions"]) == {"withheld"}
    assert answered["refused"] == "No access token that holds"
    return answered


@pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")
def test_a_generated_client_sends_and_reads(outside: Outside, tmp_path: Path) -> None:
    """Nothing of the document is left out, and what it makes needs no mending."""
    said = _generated(tmp_path)
    command = (str(OPENAPI_CLIENTS.python), str(_PROGRAM))
    answered = _called(command, outside, env={"PYTHONPATH": str(tmp_path)})

    assert [word for word in ("WARNING", "Unable", "ERROR") if word in said] == []
    assert answered["document"].startswith("3.1")


def _node(folder: Path, *words: str, fails: bool = False) -> str:
    """Run what lies among our programs of Node.js; gives all that it said."""
    done = subprocess.run(
        ["node", *words],
        check=False,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=GENEROUS,
    )
    assert (done.returncode != 0) is fails, done.stdout[-2000:]
    return done.stdout


@with_node
def test_a_client_in_typescript_compiles_strictly_and_sends_and_reads(
    outside: Outside, tmp_path: Path
) -> None:
    """Types are made of the document as it comes; a wrong field does not compile."""
    programs = OPENAPI_TYPESCRIPT.programs
    (tmp_path / "node_modules").symlink_to(programs)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    program = tmp_path / "client.ts"
    program.write_text(_PROGRAM.with_suffix(".ts").read_text())
    wrong = tmp_path / "wrong.ts"
    wrong.write_text(program.read_text().replace("client_secret: secret", "client_secret: 7"))
    make = programs / "openapi-typescript" / "bin" / "cli.js"
    _node(tmp_path, str(make), str(PUBLISHED / OPENAPI), "--output", "api.d.ts")
    compiler = (str(programs / "typescript" / "lib" / "tsc.js"), "--strict", "--target", "es2022")
    modules = ("--module", "nodenext", "--skipLibCheck", "--pretty", "false")
    # Both at once: reading what the language and the document declare takes most of the time.
    found = _node(tmp_path, *compiler, *modules, program.name, wrong.name, fails=True)
    assert {line.partition("(")[0] for line in found.splitlines() if line[:1] != " "} == {
        wrong.name
    }
    assert "is not assignable to type 'string" in found

    _called(("node", str(program.with_suffix(".js"))), outside, env=dict(os.environ))


@with_node
def test_redoclys_linter_finds_no_error() -> None:
    """By its recommended rules; what it warns of is no error."""
    lint = OPENAPI_TYPESCRIPT.folder / "lint.mjs"
    found = json.loads(_node(lint.parent, lint.name, str(PUBLISHED / OPENAPI)))

    assert [problem for problem in found if problem["severity"] == "error"] == []
    assert found, "it warns of a missing licence; a linter that says nothing did not look"
