"""A file is read as it comes: in whatever pieces, in flat memory, to where it cannot be read."""

import subprocess
import sys
from io import BytesIO

import pytest

from connectors.parsing import limits
from connectors.ports import Unreadable
from connectors.schools.ctf.reader import read_ctf
from deploy.bench.invented.schools import generate_pupils, generated_ctf
from schemas.identifiers import Upn
from schemas.records.message import SourceMessage
from tests.support.checkout import ROOT
from tests.support.messages.ctf import APupil, ctf
from tests.support.reading import ctf as read
from tests.support.reading import outcomes, received

FILE = b"".join(generated_ctf(6))


class InPieces(BytesIO):
    """A stream that gives no more than so many bytes at once."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read(self, size: int | None = -1) -> bytes:
        """The next few."""
        del size
        return super().read(self._size)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 4096])
def test_the_size_of_the_pieces_changes_nothing(size: int):
    """Messages, their ids and what is kept of them are the same."""
    whole = received(read, FILE)

    pieces = list(read_ctf(InPieces(FILE, size)))

    assert [one.outcome for one in pieces] == [one.outcome for one in whole]
    assert [one.raw() for one in pieces] == [one.raw() for one in whole]


def test_pupils_before_the_place_where_a_file_breaks_stand():
    """Also those in the same piece."""
    at = FILE.rindex(b"<Contacts>")

    *pupils, last = outcomes(read, FILE[:at] + b"</Wrong>" + FILE[at:])

    assert [type(pupil) for pupil in pupils] == [SourceMessage] * 5
    assert last == Unreadable("CTfile", "not-xml")


def test_only_pupils_in_their_place_are_pupils():
    """The name may mean something else elsewhere."""
    text = ctf(APupil(extra=(("Notes", "x"),))).replace(b"<Notes>x", b"<Notes><Pupil/>x")
    elsewhere = text.replace(b"</CTfile>", b"<Other><Pupil/><CTFpupilData/></Other></CTfile>")

    assert [type(outcome) for outcome in outcomes(read, elsewhere)] == [SourceMessage]


def test_a_pupil_without_end_ends_the_reading():
    """Much larger than any pupil is: no mistake about one."""
    many = limits.CTF_BETWEEN_PUPILS_BYTES // 9
    text = FILE.replace(b"</CTFpupilData>", b"<Pupil>" + b"<N>123</N>" * many)

    *pupils, last = outcomes(read, text)

    assert len(pupils) == 6
    assert last == Unreadable("CTfile/CTFpupilData", "too-large")


_READ = """
import resource, sys
from io import RawIOBase
from itertools import repeat
from deploy.bench.invented.schools import generated_ctf
from connectors.schools.ctf.reader import read_ctf

class Parts(RawIOBase):
    def __init__(self, parts): self.parts = parts
    def read(self, size=-1): return next(self.parts, b"")

def whole(times):
    head, *pupils, tail = generated_ctf(20)
    yield head
    for _ in range(times): yield b"".join(pupils)
    yield tail

def junk(times):
    yield next(generated_ctf(0)) + b"<Pupil>"
    yield from repeat(b"<N a='1'>x</N>" * 4000, times)

made = {"whole": whole, "junk": junk}[sys.argv[1]]
def read(times): return sum(1 for _ in read_ctf(Parts(made(times))))
read(2)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read(int(sys.argv[2]))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize(("kind", "times"), [("whole", 150), ("junk", 200)])
def test_memory_stays_flat(kind: str, times: int):
    """Ten megabytes of pupils, or of one that never ends: measured as the process has it."""
    done = subprocess.run(
        [sys.executable, "-c", _READ, kind, str(times)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    assert int(done.stdout) < 8


def test_generated_pupils_are_readable_and_of_the_test_range():
    """The same for the same seed, each with a number of their own."""
    pupils = list(generate_pupils(60, seed=3))
    messages = outcomes(read, b"".join(generated_ctf(60, seed=3)))

    assert pupils == list(generate_pupils(60, seed=3))
    assert pupils != list(generate_pupils(60, seed=4))
    assert len({pupil.upn for pupil in pupils}) == 60
    assert all(Upn(pupil.upn).value[1:4] == "999" for pupil in pupils)
    for pupil, message in zip(pupils, messages, strict=True):
        assert isinstance(message, SourceMessage)
        (subject,) = message.subjects
        assert [number.value for number in subject.identifiers] == [pupil.upn]
        assert subject.demographics.date_of_birth == pupil.date_of_birth


@pytest.mark.parametrize("version", range(17, 26))
def test_every_version_is_read_by_the_same_code(version: int):
    """What a version does not have is not there: Gender up to 24, Sex since 22."""
    pupil = APupil(sex="F" if version >= 22 else None, gender="F" if version < 25 else None)
    text = ctf(pupil).replace(b"24.0", f"{version}.0".encode())

    (message,) = outcomes(read, text)

    assert isinstance(message, SourceMessage)
    assert message.records[0].payload.sex == "female"
