"""Messages of invented children, for benchmarks and for tests of loss and doubling."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count as numbers_from
from pathlib import Path
from random import Random
from string import Template
from typing import Final

from schemas.errors import InvalidIdentifierError
from schemas.identifiers import NhsNumber

_FIRST_NUMBER: Final = 999_010_000
_MESSAGES_A_CHILD: Final = 4
_NEWEST_BIRTH: Final = date(2026, 8, 31)
_OLDEST_IN_DAYS: Final = 4 * 365
_FIRST_MESSAGE: Final = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)

_GIVEN = "Ada Bilal Cerys Dina Elif Femi Gwen Hugo Isla Jonas Keira Leon Mina Noor Oscar Pia"
_FAMILY = (
    "Ashdown Birchall Caverly Dunmore Everett Fairlie Garside Holt Iqbal Jessop Kerr Lomax "
    "Mendes Norris Okoro Penrose Quayle Rahman Selby Tunstall Underhill Vance Wragg Yardley"
)
_STREETS = ("Alder Way", "Brook Street", "Chapel Row", "Dene Road", "Elm Grove", "Ferry Lane")
_WORKERS = (
    ("HV-0101", "Amara", "Okafor", "East", "01632 960101"),
    ("HV-0102", "Bronwen", "Pugh", "West", "01632 960102"),
    ("HV-0103", "Farah", "Siddiq", "North", "01632 960103"),
)
_MMR_SECOND: Final = "Measles mumps and rubella vaccination - second dose (procedure)"
_INFLUENZA: Final = "Administration of first intranasal seasonal influenza vaccination (procedure)"


@dataclass(frozen=True, slots=True, repr=False)
class GeneratedMessage:
    """One NEMS message: a file name, whom it is about, and its bytes."""

    name: str
    nhs_number: str
    date_of_birth: str
    xml: bytes


def generate_messages(count: int, *, seed: int) -> Iterator[GeneratedMessage]:
    """`count` messages about a quarter as many children, the same for the same seed.

    Of each four: a health visitor begins, two vaccinations, and another health visitor takes over.
    NHS numbers are of the range for tests, 9990 and 9991, after those of the demonstration.
    """
    contact, vaccination = _template("professional-contacts"), _template("vaccinations")
    random, numbers = Random(seed), nhs_numbers()
    child: dict[str, str] = {}
    for index in range(count):
        step = index % _MESSAGES_A_CHILD
        if step == 0:
            child = _child(random, next(numbers))
        is_contact = step in {0, _MESSAGES_A_CHILD - 1}
        fields = child | _ids(random) | _event(random, child, index=index, step=step)
        xml = (contact if is_contact else vaccination).substitute(fields).encode()
        kind = "contact" if is_contact else "vaccination"
        name = f"{index:07d}-{kind}.xml"
        yield GeneratedMessage(name, child["nhs_number"], child["date_of_birth"], xml)


def _template(name: str) -> Template:
    held = Path(__file__).parent / "templates" / "health_visiting" / f"{name}.xml"
    return Template(held.read_text(encoding="utf-8"))


def nhs_numbers() -> Iterator[str]:
    """NHS numbers of the range that is nobody's, in order."""
    for stem in numbers_from(_FIRST_NUMBER):
        for digit in range(10):
            try:
                yield NhsNumber(f"{stem}{digit}").value
            except InvalidIdentifierError:
                continue


def _child(random: Random, nhs_number: str) -> dict[str, str]:
    born = _NEWEST_BIRTH - timedelta(days=random.randrange(_OLDEST_IN_DAYS))
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return {
        "nhs_number": nhs_number,
        "family": random.choice(_FAMILY.split()),
        "given": random.choice(_GIVEN.split()),
        "date_of_birth": born.isoformat(),
        "gender": random.choice(("female", "male")),
        "address_line": f"{random.randrange(1, 200)} {random.choice(_STREETS)}",
        "postcode": f"NF{random.randrange(1, 10)} {random.randrange(10)}"
        f"{random.choice(letters)}{random.choice(letters)}",
        "patient_id": _uuid(random),
        "episode_of_care_id": _uuid(random),
    }


def _event(random: Random, child: dict[str, str], *, index: int, step: int) -> dict[str, str]:
    """What happened: the first and the last step share an episode, the last one updates it."""
    ref, given, family, side, telephone = random.choice(_WORKERS)
    moment = (_FIRST_MESSAGE + timedelta(seconds=7 * index)).isoformat()
    takes_over = step == _MESSAGES_A_CHILD - 1
    is_first_vaccination = step == 1
    return {
        "event_type": "update" if takes_over else "new",
        "updated": moment,
        "started": moment if step in {1, 2} else child["date_of_birth"],
        "number": f"{child['nhs_number']}-{step % (_MESSAGES_A_CHILD - 1)}",
        "practitioner_ref": ref,
        "practitioner_given": given,
        "practitioner_family": family,
        "team": f"Northfield {side} Health Visiting Team",
        "team_number": side,
        "telephone": telephone,
        "procedure_code": "170433008" if is_first_vaccination else "884861000000100",
        "procedure": _MMR_SECOND if is_first_vaccination else _INFLUENZA,
        "product": "Priorix" if is_first_vaccination else "Fluenz",
    }


def _ids(random: Random) -> dict[str, str]:
    names = ("bundle", "message", "organization", "care_team", "practitioner", "immunization")
    return {f"{name}_id": _uuid(random) for name in names}


def _uuid(random: Random) -> str:
    digits = f"{random.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
