"""An export of the ledger: every byte of it matters."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.ledger import LedgerEntry
from consent.ledger.log import LogItem, StoredEntry, StoredNode
from services.ledger.export import ExportReader, write_export
from services.ledger.verification import ExportMalformedError, VerificationReport, verify_ledger
from tests.support.ledger.ledger_builders import SIGNER, a_log, an_entry

KEYS = [SIGNER.verifier_key]


def _some(count: int) -> list[LedgerEntry]:
    return [an_entry(number=number) for number in range(count)]


def _export(items: Sequence[LogItem]) -> bytes:
    return b"".join(write_export(items, keys=KEYS))


def _verify_export(content: bytes) -> VerificationReport:
    reader = ExportReader(BytesIO(content))
    return verify_ledger(reader, keys=KEYS)


def _with_entry(items: list[LogItem], index: int, **changes: object) -> list[LogItem]:
    return [
        replace(item, **changes)  # type: ignore[arg-type]
        if isinstance(item, StoredEntry) and item.index == index
        else item
        for item in items
    ]


def test_an_export_is_read_back_as_it_was():
    """Without the nodes, and without the storage's ids."""
    items = a_log(_some(4), signed_at=[2])

    read = list(ExportReader(BytesIO(_export([*items, StoredNode(1, 0, bytes(32))]))))

    assert read == [
        replace(item, entry_id=None) if isinstance(item, StoredEntry) else item for item in items
    ]


EXPORT = _export(a_log(_some(3), signed_at=[0, 2]))


def test_an_untouched_export_is_valid():
    """With its own key, and nothing else."""
    assert _verify_export(EXPORT).valid


def _is_accepted(content: bytes) -> bool:
    try:
        reader = ExportReader(BytesIO(content))
        report = verify_ledger(reader, keys=KEYS)
    except ExportMalformedError:
        return False
    return report.valid and list(reader.named_keys) == KEYS


@given(st.integers(0, len(EXPORT) - 1), st.integers(1, 255))
def test_any_changed_byte_of_an_export_is_found(place: int, change: int):
    """In an entry, a leaf hash, a checkpoint, the header or the end."""
    content = bytearray(EXPORT)
    content[place] ^= change

    assert not _is_accepted(bytes(content))


def test_each_byte_of_an_export_matters():
    """Every single one, with its lowest bit turned, and with its case turned."""
    export = _export(a_log(_some(2)))
    for place in range(len(export)):
        for change in (0x01, 0x20):
            content = bytearray(export)
            content[place] ^= change

            assert not _is_accepted(bytes(content)), place


@given(st.integers(0, len(EXPORT) - 1), st.integers(0, 40))
def test_nothing_can_be_cut_out_of_an_export(place: int, count: int):
    """Nor anything be cut off."""
    content = EXPORT[:place] + EXPORT[place + count + 1 :]

    assert not _is_accepted(content)


def test_nothing_can_follow_the_end_of_an_export():
    """The last line is the last."""
    assert not _is_accepted(EXPORT + b"\n")
    assert not _is_accepted(EXPORT + EXPORT)


@pytest.mark.parametrize("body", [None, b"\x00\xff", b"", b'"\n', b"null"])
def test_a_broken_entry_can_be_exported_and_is_found(body: bytes | None):
    """An export does not hide what is wrong, whatever it is."""
    items = _with_entry(a_log(_some(3)), 1, body=body)

    report = _verify_export(_export(items))

    assert 1 in [error.index for error in report.errors]
    assert report.entries == 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}\n",
        b"[]\n",
        b"nonsense\n",
        b'{"format":"other","verifier_keys":[],"version":1}\n',
        EXPORT.replace(b'"version":1', b'"version":2', 1),
        EXPORT.partition(b"\n")[0].replace(b"[", b"[1,") + b"\n",
    ],
)
def test_what_is_not_an_export_is_refused(content: bytes):
    """Before anything of it is believed."""
    with pytest.raises(ExportMalformedError):
        ExportReader(BytesIO(content))
