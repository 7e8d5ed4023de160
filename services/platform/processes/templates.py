"""What templates were compiled to, kept beside the code, as Python keeps what it compiled.

Compiling the pages of the portal takes a second or two, longer than all else that a server does
before it can answer. Whoever may not write beside the code, as in our container, compiles anew.
"""

from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from pickle import UnpicklingError
from sys import dont_write_bytecode

import jinja2
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class _KeptBesideTheCode(FileSystemBytecodeCache):
    """Jinja2's own, which asks whether a template is still what it was; it need not be there."""

    def __init__(self, folder: Path, pattern: str, *, keeps: bool) -> None:
        super().__init__(str(folder), pattern)
        self._keeps = keeps

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was kept; half a file, as a power cut leaves it, is none."""
        try:
            super().load_bytecode(bucket)
        except (EOFError, OSError, UnpicklingError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, where that is allowed: another process finds all of it or nothing."""
        if not self._keeps:
            return
        with suppress(OSError):
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)


def kept_beside(
    module: str, *, made_by: str | None = None, keeps: bool = not dont_write_bytecode
) -> FileSystemBytecodeCache:
    """Give what keeps the templates of one environment, made in the module of this file name.

    `made_by` is the file of an extension that changes what a template is before it is compiled.
    Nothing is written unless it `keeps`, as Python itself does or does not.
    """
    by = [jinja2.__version__.encode(), Path(module).read_bytes()]
    by += [] if made_by is None else [Path(made_by).read_bytes()]
    version = sha256(b"\0".join(by)).hexdigest()[:8]
    folder = Path(cache_from_source(module)).parent
    return _KeptBesideTheCode(folder, f"{Path(module).stem}-{version}-%s.template", keeps=keeps)
