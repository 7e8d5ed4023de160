"""A token of SoftHSM, where it and the package python-pkcs11 are installed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from services.platform.keys.pkcs11 import TokenAddress

_LIBRARIES = [
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/pkcs11/libsofthsm2.so"),
    *Path("/usr/lib").glob("*/softhsm/libsofthsm2.so"),
]
_LABEL, _PIN = "tell-once test", "83920174"


def what_is_missing() -> str | None:
    """Why there is no token here, or None if there is one."""
    if shutil.which("softhsm2-util") is None or _library() is None:
        return "SoftHSM is not installed (Debian: softhsm2; deploy/tell-once test does it)"
    if find_spec("pkcs11") is None:
        return "the package python-pkcs11 is not installed"
    return None


@contextmanager
def a_token(folder: Path) -> Iterator[TokenAddress]:
    """Give a new token; SoftHSM reads where tokens are once in a process, so use one a process."""
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(config)
    pins = ["--pin", _PIN, "--so-pin", _PIN]
    command = ["softhsm2-util", "--init-token", "--free", "--label", _LABEL, *pins]
    subprocess.run(command, check=True, capture_output=True)
    library = _library()
    assert library is not None
    yield TokenAddress(library, _LABEL, _PIN)
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def _library() -> Path | None:
    return next((path for path in _LIBRARIES if path.exists()), None)
