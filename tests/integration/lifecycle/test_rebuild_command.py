"""`tell-once rebuild`: one document, an exit code that means something, and no harm by mistake."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.__main__ import main
from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.messages.source_messages import A_VISITOR, a_message, a_record, the_child
from tests.support.rebuilding import damage

pytestmark = pytest.mark.postgres


@pytest.fixture
def running(outside: Outside, tmp_path: Path) -> Iterator[InProcess]:
    """Give a running system whose keys lie in the data folder, with two records of a child."""
    vault = FileKeyVault.open(tmp_path / "keys" / "root.key")
    hasher = KeyedHasher(vault.secret(SecretName.LINKING))
    with InProcess.running(replace(outside, vault=vault, hasher=hasher)) as found:
        found.decide(the_child())
        found.receive(a_message("m1", a_record("r1"), a_record("w1", A_VISITOR)))
        found.settle()
        yield found


def test_a_dry_run_exits_1_where_they_differ_and_the_rebuild_mends_it(
    running: InProcess, database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    """Standard output carries one document each time."""
    words = ["rebuild", "--from", "records", "--data", str(tmp_path), "--database", database]
    damage(running, "DELETE FROM case_load")

    codes = [main([*words, *more, "--json"]) for more in (["--dry-run"], [], ["--dry-run"])]
    documents = [json.loads(line) for line in capfd.readouterr().out.splitlines()]

    assert codes == [1, 0, 0]
    assert [found["in_place"] for found in documents] == [False, True, False]
    assert [found["identical"] for found in documents] == [False, False, True]
    assert documents[1]["case_loads"] == {"added": 1}
    assert documents[1]["records"] == documents[1]["same"] == 2
    assert running.count("case_load") == 1


def test_with_another_installation_s_keys_nothing_is_rebuilt(
    running: InProcess, database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    """That nothing opens is then no reason to let go of everything."""
    words = ["--data", str(tmp_path / "another"), "--database", database]

    code = main(["rebuild", "--from", "records", *words])

    assert code == 4
    assert capfd.readouterr().out == ""
    assert running.count("record") == 2
