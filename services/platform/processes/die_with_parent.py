"""Starts a program that ends when the process that started it ends, however that happens.

`die_with` is for a process that was forked. `command_that_dies_with_us` wraps an argument list; the
wrapped list starts this same file, which asks the kernel for a signal at the parent's death
(prctl(2), PR_SET_PDEATHSIG), gives up root if told to, and becomes the program. A wrapper and no
`preexec_fn`, because Python code between fork and exec may deadlock in a process that has threads.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1
_KEEP_USER = "-"
_CANNOT_RUN = 127


def command_that_dies_with_us(
    argv: Sequence[str],
    *,
    farewell: signal.Signals = signal.SIGKILL,
    uid: int | None = None,
    gid: int | None = None,
) -> list[str]:
    """Wrap `argv` so that the program gets `farewell` when the calling process dies.

    With `uid` and `gid` the program runs as that user. Start it from a thread that lives as long
    as the process: the kernel watches the thread. Where the kernel is not Linux the program runs
    all the same, without the watch.
    """
    user = _KEEP_USER if uid is None else str(uid)
    group = _KEEP_USER if gid is None else str(gid)
    # By path and isolated (-I -S): ten milliseconds instead of a hundred, nothing is imported
    # but the standard library, and -I keeps this folder off the import path.
    wrapper = [sys.executable, "-I", "-S", __file__]
    return [*wrapper, str(os.getpid()), str(int(farewell)), user, group, *argv]


def die_with(parent: int, farewell: int = signal.SIGKILL) -> bool:
    """Have this process get `farewell` when `parent`, which started it, dies.

    False where the parent died before the kernel was told. Where the kernel is not Linux nothing
    is watched.
    """
    if sys.platform != "linux":
        return True
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, farewell, 0, 0, 0)
    return os.getppid() == parent


def _become(parent: int, farewell: int, user: str, group: str, argv: list[str]) -> None:
    if group != _KEEP_USER:
        os.setgroups([])
        os.setgid(int(group))
    if user != _KEEP_USER:
        os.setuid(int(user))
    # After setuid, which would clear it.
    if not die_with(parent, farewell):
        return
    os.execvp(argv[0], argv)  # noqa: S606 - to become the program is the point


def _main(arguments: Sequence[str]) -> int:
    parent, farewell, user, group, *argv = arguments
    try:
        _become(int(parent), int(farewell), user, group, argv)
    except OSError as error:
        sys.stderr.write(f"cannot run {argv[0]}: {error.strerror}\n")
    return _CANNOT_RUN


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
