"""A case verifies without us, and any byte of it that is changed is found."""

import io
import json
import tarfile
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from consent.transparency.checkpoint import LedgerSigner
from consent.transparency.signed_note import parse_note
from consent.transparency.verifier_key import VerifierKey
from schemas.identifiers import nhs_number_identifier
from schemas.records.message import Demographics, Subject
from services.__main__ import main
from services.audit.exports import case_format as form
from services.audit.exports.case_checking import CaseReport, check_case
from services.audit.exports.chosen import Format
from services.work import Outside
from tests.integration.audit_exports.conftest import Desk, of_person
from tests.support.builders import an_agreement
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.ledger.ledger_builders import ORIGIN, SIGNER

pytestmark = pytest.mark.postgres

KEY = SIGNER.verifier_key
_BORN = Demographics(date_of_birth="2019-04-17")
A_CHILD = Subject("s", (nhs_number_identifier("9990000115"),), _BORN)
_FLIPS = 150


def checked(case: bytes, *keys: VerifierKey) -> CaseReport:
    """Check a case; by our key unless others are named."""
    return check_case(io.BytesIO(case), keys or [KEY])


def members(case: bytes) -> dict[str, bytes]:
    """Read it as any program for archives does."""
    with tarfile.open(fileobj=io.BytesIO(case)) as archive:
        found = {one.name: archive.extractfile(one) for one in archive}
    return {name: file.read() for name, file in found.items() if file is not None}


@pytest.fixture
def case(desk: Desk) -> bytes:
    """Give a case of one person."""
    return desk.export(Format.CASE, of_person())


def test_a_case_is_valid_by_the_key_of_the_ledger(case: bytes):
    """The looks that were chosen, and the entries that explain by what they were decided."""
    report = checked(case)

    assert (report.valid, report.trusted, report.problem) == (True, True, None)
    assert (report.chosen, report.origin, report.index) == (2, ORIGIN, None)
    names = list(members(case))
    assert names[0] == form.README
    assert names[-4:] == [form.DECISIONS, form.VERSIONS, form.MANIFEST, form.NOTE]
    assert json.loads(members(case)[form.VERSIONS])["policy_versions"] == ["rules-2026+one"]


def test_any_byte_that_is_changed_is_found(case: bytes):
    """Of every member and every block: here and there, and each byte of the last pages."""
    random = Random(20261130)
    places = {random.randrange(len(case)) for _ in range(_FLIPS)}
    places |= set(range(len(case) - 4096, len(case), 37))

    kept = [
        at
        for at in sorted(places)
        if checked(bytes([*case[:at], case[at] ^ 1 << random.randrange(8), *case[at + 1 :]])).valid
    ]

    assert kept == []


@pytest.mark.parametrize("cut", [1, 512, 1024, 5000])
def test_a_case_that_is_cut_off_or_goes_on_is_none(case: bytes, cut: int):
    """Nothing may come after its end either."""
    assert not checked(case[:-cut]).valid
    assert not checked(case + bytes(cut)).valid


def test_a_case_by_another_key_is_nobody_s(case: bytes):
    """Without a key it is whole, and not trusted."""
    assert not checked(case, LedgerSigner(ORIGIN, bytes(32)).verifier_key).valid
    report = check_case(io.BytesIO(case), [])
    assert (report.valid, report.trusted) == (True, False)


def test_an_entry_that_is_taken_out_is_missed(case: bytes):
    """Whoever leaves one out would have to sign anew."""
    content = members(case)
    first = next(name for name in content if name.startswith("entries/"))
    less = b"".join(form.member(n, c) for n, c in content.items() if n != first) + form.END

    assert checked(less).problem == "what the manifest was made for has been changed"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("../../etc/passwd", 4),
        ("/etc/passwd", 4),
        ("README.txt", 8**10),
        ("entries/000000000000.tlog-proof", 8**10),
    ],
)
def test_a_stranger_s_archive_is_refused_before_it_costs_anything(name: str, size: int):
    """Paths that lead elsewhere, and sizes that nobody could hold."""
    report = checked(form.header_of(name, size) + b"xxxx")

    assert not report.valid


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8b" + bytes(600), b"PK\x03\x04" + bytes(600), bytes(1 << 16)]
)
def test_what_is_no_case_is_told_so(content: bytes):
    """Compressed, another archive, nothing at all."""
    assert not checked(content).valid


def test_deep_json_is_no_document():
    """A bomb of brackets ends as a sentence."""
    assert form.parse_document(b"[" * 100_000) is None
    assert form.parse_document(b'{"a":1}') is None


def test_what_is_signed_is_no_checkpoint(case: bytes):
    """The ledger's key signs a case under a text that nobody can take for its tree."""
    origin, second, *_ = parse_note(members(case)[form.NOTE]).text.split("\n")

    assert origin != ORIGIN
    assert not second.isdecimal()


def test_each_entry_of_a_case_is_a_proof_that_others_read(
    case: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """`ledger check-proof` takes a member as it is."""
    name, content = next(each for each in members(case).items() if each[0].startswith("entries/"))
    file = tmp_path / Path(name).name
    file.write_bytes(content)

    assert main(["ledger", "check-proof", str(file), "--key", str(KEY), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["valid"] is True


def test_what_became_of_the_decisions_is_in_the_case(outside: Outside, clock: StandingClock):
    """Each state, by the hash that the ledger holds of it; nothing of what it says."""
    with InProcess.running(outside) as running:
        running.adopt(an_agreement(version="another"))
        decided = running.decide(A_CHILD)
        clock.pass_by(timedelta(minutes=1))
        running.withdraw(decided.decision.id)
        person = running.person(A_CHILD)
        assert person is not None
        desk = Desk(running.portal)
        Desk(outside).append()

        made = desk.export(Format.CASE, of_person(person))

    report = checked(made)
    told = json.loads(members(made)[form.DECISIONS])["decisions"]
    assert (report.problem, report.decisions, len(told)) == (None, 1, 1)
    assert told[0]["decision"] == decided.decision.id
    assert [state["state"] for state in told[0]["states"]] == [1, 2]
    assert len(told[0]["entries"]) == 2
    agreements = json.loads(members(made)[form.VERSIONS])["agreements"]
    assert [one["version"] for one in agreements] == ["another"]
