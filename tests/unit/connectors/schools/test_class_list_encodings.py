"""Lists in the encodings that programs save: each read as what it is, or refused."""

from datetime import UTC, datetime
from io import BytesIO

import pytest

from connectors.ports import Received, Unreadable
from connectors.schools.files import read_schools
from schemas.records.message import SourceMessage

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
HEADER = "Forename,Surname,DOB\n"
TABS = HEADER.replace(",", "\t")


def read(data: bytes) -> list[Received]:
    """Everything that is found."""
    return list(read_schools(BytesIO(data), received_at=AT))


def names(data: bytes) -> list[str]:
    """Who is found; each once more from what is kept of the row."""
    found = []
    for one in read(data):
        (again,) = read(one.raw())
        assert again.outcome == one.outcome
        found.append(_name(one.outcome))
    return found


def _name(outcome: SourceMessage | Unreadable) -> str:
    if isinstance(outcome, Unreadable):
        return f"{outcome.field} {outcome.reason}"
    who = outcome.subjects[0].demographics
    return " ".join((*who.given_names, who.family_name or ""))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_list_reads_the_same_in_every_encoding(encoding: str, ends: str):
    """With accents as names have them, and an apostrophe as word processors write it."""
    rows = "Zoë\tMarlow\t05/03/2014\nChloé\tO’Neill\t06/03/2014\nMuñoz\tPeña–Ruiz\t07/03/2014\n"
    text = (TABS + rows).replace("\n", ends)

    assert names(text.encode(encoding)) == ["Zoë Marlow", "Chloé O’Neill", "Muñoz Peña–Ruiz"]


@pytest.mark.parametrize("byte_order", ["utf-16-le", "utf-16-be"])
def test_unicode_text_in_either_order(byte_order: str):
    """As its mark says."""
    text = "\ufeff" + TABS + "Zoë\tMarlow\t05/03/2014\r\n"

    assert names(text.encode(byte_order)) == ["Zoë Marlow"]


_LIKELY = [
    *("José", "Anaïs", "François", "Jürgen", "Søren", "Siân", "Élise", "Émile", "Ángel", "Mäki"),
    *(
        "Renée",
        "Inès",
        "Björk Ólafsdóttir",
        "D’Arcy",
        "O’Brien-Núñez",
        "ANDRÉ",
        "MUÑOZ",
        "FRANÇOIS",
    ),
]


@pytest.mark.parametrize("name", _LIKELY)
@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
def test_a_single_accent_is_never_read_as_another(name: str, encoding: str):
    """Told apart by where letters and signs stand in names, or refused."""
    data = f"{HEADER}{name},Marlow,05/03/2014\n".encode(encoding)

    assert names(data) in ([f"{name} Marlow"], ["row[2] encoding-unclear"])


@pytest.mark.parametrize("name", [n for n in _LIKELY if n not in {"Ángel", "D’Arcy"}])
def test_what_windows_wrote_is_read(name: str):
    """By far the most lists come so."""
    assert names(f"{HEADER}{name},Marlow,05/03/2014\n".encode("cp1252")) == [f"{name} Marlow"]


def test_what_could_be_either_is_as_the_rest_of_the_file():
    """Alone it is refused: `Miloš` in the one is `Miloö` in the other."""
    row = "Miloš,Marlow,05/03/2014\n"
    other = "Zoë,Marlow,06/03/2014\n"

    assert names((HEADER + row).encode("cp1252")) == ["row[2] encoding-unclear"]
    assert names((HEADER + row + other).encode("cp1252")) == ["Miloš Marlow", "Zoë Marlow"]
    assert names((HEADER + "Jörg,Marlow,05/03/2014\n" + other).encode("mac_roman")) == [
        "Jörg Marlow",
        "Zoë Marlow",
    ]


@pytest.mark.parametrize(
    "address",
    ["Flat 1 – High Street", "St John’s Road", "“The Forge”", "1 Test Lane, etc…", "£1 Shop"],
)
def test_punctuation_of_word_processors_is_read_as_windows_writes_it(address: str):
    """The child is not lost over it."""
    head = HEADER.replace("\n", ",Address\n")
    data = f'{head}Edie,Marlow,05/03/2014,"{address}"\n'.encode("cp1252")

    (one,) = read(data)

    assert isinstance(one.outcome, SourceMessage)
    lines = [r.payload.addresses[0].lines for r in one.outcome.records if "contact" in r.source_id]
    assert lines == [(address,)]


def test_a_file_that_breaks_off_keeps_the_rows_before():
    """And ends with one refusal."""
    text = (TABS + "Edie\tMarlow\t05/03/2014\nNell\tMarlow\t06/03/2014\n").encode("utf-16")

    found = [_name(one.outcome) for one in read(text + b"\x00\xd8A")]

    assert found == ["Edie Marlow", "Nell Marlow", "class-list not-text"]
