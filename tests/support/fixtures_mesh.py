"""A real MESH sandbox for the tests that need one (mark them `mesh` and `enable_socket`)."""

from collections.abc import Iterator

import pytest

from tests.support.mesh_sandbox import MeshSandbox, a_sandbox, what_is_missing


@pytest.fixture(scope="session")
def _session_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MeshSandbox]:
    reason = what_is_missing()
    if reason is not None:
        pytest.skip(f"no MESH: {reason}")
    with a_sandbox(tmp_path_factory.mktemp("mesh")) as sandbox:
        yield sandbox


@pytest.fixture
def mesh_sandbox(_session_sandbox: MeshSandbox) -> MeshSandbox:
    """Give a sandbox that lives as long as the test session, with our mailbox empty."""
    _session_sandbox.empty()
    return _session_sandbox


@pytest.fixture
def own_mesh_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MeshSandbox]:
    """Give a test a sandbox of its own, which it may kill and start again."""
    reason = what_is_missing()
    if reason is not None:
        pytest.skip(f"no MESH: {reason}")
    with a_sandbox(tmp_path_factory.mktemp("mesh")) as sandbox:
        yield sandbox
