"""A list of staff: hashed, refused by line and field, and never told."""

from datetime import date

import pytest

from schemas.records.message import Demographics, Subject
from schemas.records.payloads import Address, ContactDetails
from services.audit.unusual.staff.staff_list import HrCellFault, HrList, HrListFault, read_hr_list
from services.people.linking.facts import facts_from_subject, hashed_key, keys_alone
from services.platform.keys.hashing import KeyedHasher
from services.profile.protection.hashed_places import places_written

HASHER = KeyedHasher(b"a key of this test")
WHO, OTHER = "a" * 32, "b" * 32
HEADER = "practitioner,surname,team,postcode,uprn,address_line,leave_from,leave_to,rota"
CANARY = "Zebedee-Canary"


def read(*lines: str, header: str = HEADER, known: frozenset[str] | None = None):
    """What comes of a list of these lines."""
    return read_hr_list("\n".join([header, *lines]).encode(), HASHER, known)


def test_a_row_is_kept_as_hashes_and_days() -> None:
    """As persons' names and postcodes are hashed, so that they can be compared."""
    line = f"{WHO},O'Connor-Smith,Team 4,nf1 1aa,,,2026-03-01,2026-03-08,2026-04-01/2026-04-02"
    found = read(line)
    told = Demographics(family_name="SMITH", postcode="NF1 1AA")
    child = {
        hashed_key(k, v, HASHER) for k, v in keys_alone(facts_from_subject(Subject("s", (), told)))
    }

    assert isinstance(found, HrList)
    (row,) = found.rows
    assert row.leave == ((date(2026, 3, 1), date(2026, 3, 8)),)
    assert row.duty == {date(2026, 4, 1), date(2026, 4, 2)}
    assert len(row.surnames) == 2
    assert len(child & (row.surnames | row.postcodes)) == 2
    assert CANARY not in repr(found)


def test_several_rows_of_one_person_say_more() -> None:
    """Names from before, and more leave; but not of two teams."""
    found = read(f"{WHO},Smith,t1,,,,,,", f"{WHO},Marley,T 1,,,,2026-01-01,2026-01-02,")
    torn = read(f"{WHO},Smith,t1,,,,,,", f"{WHO},Smith,t2,,,,,,")

    assert isinstance(found, HrList)
    assert isinstance(torn, HrList)
    assert [(len(row.surnames), len(row.leave)) for row in found.rows] == [(2, 1)]
    assert [(one.line, one.field) for one in torn.faults] == [(3, "team")]


@pytest.mark.parametrize(
    ("line", "field", "fault"),
    [
        (f"{CANARY},Smith,t1,,,,,,", "practitioner", HrCellFault.NOT_AN_ID),
        (f"{OTHER},{CANARY},t1,,,,,,", "practitioner", HrCellFault.NOT_KNOWN),
        (f"{WHO},,t1,,,,,,", "surname", HrCellFault.MISSING),
        (f"{WHO},--,t1,,,,,,", "surname", HrCellFault.NOT_A_NAME),
        (f"{WHO},Smith,,,,,,,", "team", HrCellFault.MISSING),
        (f"{WHO},Smith,t1,{CANARY},,,,,", "postcode", HrCellFault.NOT_A_POSTCODE),
        (f"{WHO},Smith,t1,,{CANARY},,,,", "uprn", HrCellFault.NOT_A_NUMBER),
        (f"{WHO},Smith,t1,,,{CANARY},,,", "postcode", HrCellFault.MISSING),
        (f"{WHO},Smith,t1,,,,{CANARY},2026-01-01,", "leave_to", HrCellFault.NOT_A_DAY),
        (f"{WHO},Smith,t1,,,,2026-01-02,2026-01-01,", "leave_to", HrCellFault.ENDS_FIRST),
        (f"{WHO},Smith,t1,,,,,2026-01-01,", "leave_from", HrCellFault.NOT_A_DAY),
        (f"{WHO},Smith,t1,,,,,,{CANARY}", "rota", HrCellFault.NOT_A_DAY),
        (f"{WHO},Smith,t1", "row", HrCellFault.CELLS),
    ],
)
def test_a_bad_line_is_named_and_nothing_that_stands_in_it(
    line: str, field: str, fault: HrCellFault
) -> None:
    """By its number, as an editor counts, and its column."""
    found = read(f"{WHO},Good,t1,,,,,,", line, known=frozenset({WHO}))

    assert isinstance(found, HrList)
    assert [(one.line, one.field, one.fault) for one in found.faults] == [(3, field, fault)]
    assert CANARY not in repr(found.faults)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", HrListFault.NO_HEADER),
        (b"practitioner,surname\n", HrListFault.NO_HEADER),
        (b"practitioner,surname,team,shoe size\n", HrListFault.UNKNOWN),
        (b"practitioner,surname,team,team\n", HrListFault.UNKNOWN),
        (b"practitioner,surname,team\n\xff", HrListFault.NOT_UTF_8),
        (b'practitioner,surname,team\n"a"b,c,d', HrListFault.NOT_CSV),
    ],
)
def test_a_file_that_is_no_list_is_not_read(content: bytes, fault: HrListFault) -> None:
    """Why is told by a code."""
    assert read_hr_list(content, HASHER) is fault


def test_whole_addresses_are_hashed_as_places_are() -> None:
    """So that next door is not at home."""
    found = read(f"{WHO},Smith,t1,NF1 1AA,,7 Mill Lane,,,")
    homes = [
        places_written(ContactDetails(addresses=(Address((line,), "NF1 1AA"),)), HASHER)
        for line in ("7 Mill Lane", "9 Mill Lane")
    ]

    assert isinstance(found, HrList)
    assert [bool(found.rows[0].places & home) for home in homes] == [True, False]
