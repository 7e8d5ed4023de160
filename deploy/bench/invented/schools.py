"""A Common Transfer File of invented pupils, as large as wanted, for benchmarks and tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from string import Template
from typing import Final

from schemas.identifiers import Upn

_SEED: Final = 20261122
_FIRST_NUMBER: Final = 999_400_300_000
_NEWEST_BIRTH: Final = date(2022, 8, 31)
_DAYS_A_YEAR: Final = 365
_OLDEST_IN_DAYS: Final = 11 * _DAYS_A_YEAR
_SESSIONS: Final = 104
_LETTERS: Final = "ABDEFGHJLNPQRSTUWXYZ"
_MARKS: Final = ("/", "/", "/", "/", "L", "V", "I", "M", "O", "C1", "C2", "Y3", "#")
_GIVEN: Final = "Ada Bilal Cerys Dina Elif Femi Gwen Hugo Isla Jonas Keira Leon Mina Noor Oscar"
_FAMILY: Final = (
    "Ashdown Birchall Caverly Dunmore Everett Fairlie Garside Holt Iqbal Jessop Kerr Lomax "
    "Mendes Norris Okoro Penrose Quayle Rahman Selby Tunstall Underhill Vance Wragg Yardley"
)
_STREETS: Final = ("Alder Way", "Brook Street", "Chapel Row", "Dene Road", "Elm Grove")


@dataclass(frozen=True, slots=True, repr=False)
class GeneratedPupil:
    """One pupil: by which number and birth date a decision finds them, and their element."""

    upn: str
    date_of_birth: str
    xml: bytes


def generated_ctf(pupils: int, *, seed: int = _SEED) -> Iterator[bytes]:
    """The parts of one file of so many pupils, about 3.6 KB each; the same for the same seed."""
    yield _text_of("file").encode()
    for pupil in generate_pupils(pupils, seed=seed):
        yield pupil.xml
    yield b"\t</CTFpupilData>\n</CTfile>\n"


def generate_pupils(count: int, *, seed: int = _SEED) -> Iterator[GeneratedPupil]:
    """Pupils of one school with all that a full file tells of them; UPNs of authority 999."""
    template, random = Template(_text_of("pupil")), Random(seed)
    for index in range(count):
        fields = _pupil(random, index)
        xml = template.substitute(fields).encode()
        yield GeneratedPupil(fields["upn"], fields["date_of_birth"], xml)


def _text_of(name: str) -> str:
    held = Path(__file__).parent / "templates" / "schools" / f"{name}.xml"
    return held.read_text(encoding="utf-8")


def _pupil(random: Random, index: int) -> dict[str, str]:
    days = random.randrange(_OLDEST_IN_DAYS)
    absent = random.randrange(40)
    unauthorised = random.randrange(absent + 1)
    return {
        "upn": Upn.with_check_letter(f"{_FIRST_NUMBER + index}").value,
        "family": random.choice(_FAMILY.split()),
        "given": random.choice(_GIVEN.split()),
        "preferred": random.choice(_GIVEN.split()),
        "middle": random.choice(_GIVEN.split()),
        "date_of_birth": (_NEWEST_BIRTH - timedelta(days=days)).isoformat(),
        "sex": random.choice("FM"),
        "year_group": str(days // _DAYS_A_YEAR) if days >= _DAYS_A_YEAR else "R",
        "language": random.choice(("ENG", "ENG", "ENG", "POL", "URD", "BNG")),
        "provision": random.choice("NNNNNKE"),
        "attended": str(378 - absent),
        "unauthorised": str(unauthorised),
        "authorised": str(absent - unauthorised),
        "marks": "".join(random.choices(_MARKS, k=_SESSIONS)),
        "first_school": str(2001 + index % 7),
        **_home(random, ""),
        **_home(random, "other_"),
        "mother": random.choice(_GIVEN.split()),
        "father": random.choice(_GIVEN.split()),
        "other_family": random.choice(_FAMILY.split()),
    }


def _home(random: Random, which: str) -> dict[str, str]:
    letters = "".join(random.choices(_LETTERS, k=2))
    return {
        f"{which}house": str(random.randrange(1, 200)),
        f"{which}street": random.choice(_STREETS),
        f"{which}postcode": f"NF{random.randrange(1, 10)} {random.randrange(10)}{letters}",
        f"{which}line": f"{random.randrange(1000):03d}",
    }
