"""Whether somebody serves a data folder: seen by all, disturbed by nobody who looks."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.platform.processes.serving_lock import ServingLock
from tests.support.checkout import ROOT
from tests.support.waiting import eventually

_LOOKS = 300
_SERVER = """
import sys
from pathlib import Path
from services.platform.processes.serving_lock import ServingLock
print(ServingLock(Path(sys.argv[1])).take(), flush=True)
sys.stdin.read()
"""


def _look(data: Path) -> list[bool]:
    return [ServingLock(data).is_held() for _ in range(_LOOKS)]


def test_those_who_look_at_once_do_not_take_each_other_for_a_server(tmp_path: Path) -> None:
    """Otherwise a command would leave to a server, that is not there, what it should do."""
    (tmp_path / "serving.lock").touch()

    with ThreadPoolExecutor(4) as threads:
        seen = [held for looks in threads.map(_look, [tmp_path] * 4) for held in looks]

    assert not any(seen)


def test_those_who_look_do_not_keep_anybody_from_serving(tmp_path: Path) -> None:
    """A server that starts at that moment tries again."""
    (tmp_path / "serving.lock").touch()
    with ThreadPoolExecutor(2) as threads:
        looking = [threads.submit(_look, tmp_path) for _ in range(2)]

        for _ in range(20):
            lock = ServingLock(tmp_path)
            assert lock.take()
            lock.release()

    assert all(looks.done() for looks in looking)


def test_only_one_serves_and_death_lets_go(tmp_path: Path) -> None:
    """The lock is seen while its holder lives, and free as soon as it was killed."""
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "True\n"
        assert ServingLock(tmp_path).is_held()
        assert not ServingLock(tmp_path).take()

        server.kill()

        assert eventually(lambda: not ServingLock(tmp_path).is_held())
