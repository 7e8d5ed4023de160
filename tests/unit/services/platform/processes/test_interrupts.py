"""Ctrl-C that somebody else's module made unheard while the program was loaded."""

import subprocess
import sys

from tests.support.checkout import ROOT

# As some modules do when they try whether another one can be imported.
_SWALLOWED = """
import os, signal
from services.platform.loops import note_interrupts
{noting}
try:
    os.kill(os.getpid(), signal.SIGINT)
    sum(range(1000))
except:
    pass
"""
_SUPERVISED = """
import sys
from services.platform.processes.supervisor import Child, Supervisor
looks = []
def look():
    looks.append(1)
    if len(looks) > 3: sys.exit(7)
try:
    Supervisor([Child("one", [sys.executable, "-c", "pass"])]).run(at_each_look=look)
except KeyboardInterrupt:
    sys.exit(130 if not looks else 8)
"""
_LOOPING = """
import sys
from services.platform.loops import Stopping
sys.exit(130 if Stopping().is_asked() else 7)
"""


def test_what_is_supervised_is_not_started() -> None:
    """And without noting it would be: the interrupt is gone."""
    assert _ended(_SWALLOWED.format(noting="note_interrupts()") + _SUPERVISED) == 130
    assert _ended(_SWALLOWED.format(noting="") + _SUPERVISED) == 7


def test_a_loop_ends_before_it_begins() -> None:
    """The same of a process that nobody supervises."""
    assert _ended(_SWALLOWED.format(noting="note_interrupts()") + _LOOPING) == 130
    assert _ended(_SWALLOWED.format(noting="") + _LOOPING) == 7


def _ended(program: str) -> int:
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, timeout=60)
    return done.returncode
