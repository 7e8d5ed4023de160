"""Files in which every value in turn is somebody's name: whatever leaks it is found."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from schemas.identifiers import nhs_number_identifier
from schemas.records.message import Demographics, Subject
from tests.support.messages.cin import a_case, a_census_child, an_assessment, census
from tests.support.messages.csc_episodes import full_episode
from tests.support.messages.ctf import AContact, APupil, AYear, ctf
from tests.support.messages.nems import AHeader, APerson
from tests.support.messages.nems_child_health import (
    AnEncounter,
    ARelative,
    encounter_message,
    related,
)
from tests.support.messages.nems_json import as_json
from tests.support.messages.nems_messages import professional_contact, vaccination
from tests.support.messages.nems_pds import birth_notification

NAME = "Quillfeather-Snow"
GIVEN = "Ottoline"
NUMBER = "9990000115"
UPN = "T999200119011"
BORN = "2019-04-17"
LINE = "1 Wherewithal Lane"
POSTCODE = "ZZ9 9ZZ"
TELEPHONE = "01632 960977"
CANARIES = (NAME, GIVEN, NUMBER, UPN, BORN, "Wherewithal", POSTCODE, "ZZ99ZZ", TELEPHONE)

_PERSON = APerson(
    nhs_number=NUMBER,
    family=NAME,
    given=(GIVEN,),
    born=BORN,
    lines=(LINE,),
    postcode=POSTCODE,
    telephone=TELEPHONE,
)
_MOTHER = replace(_PERSON, key="mother", nhs_number="9990000123", born="1990-01-01")
_PUPIL = APupil(
    upn=UPN,
    surname=NAME,
    forename=GIVEN,
    born=BORN,
    lines=(LINE,),
    postcode=POSTCODE,
    telephone=TELEPHONE,
    contacts=(AContact(surname=NAME, forename=GIVEN, telephone=TELEPHONE, lines=(LINE,)),),
    attendance=(AYear(),),
    languages=(("M", "pl"),),
)
_NOT_FILES = (
    b"",
    NAME.encode(),
    f"<{GIVEN}>{NAME}".encode(),
    f"<{GIVEN}>{NAME}</{GIVEN}>".encode(),
    f'<!DOCTYPE x [<!ENTITY e "{NAME}">]><Bundle>&e;</Bundle>'.encode(),
    NAME.encode("utf-16"),
    b"\xff" + NAME.encode(),
    json.dumps({NAME: GIVEN}).encode(),
    json.dumps([NAME, {"Children": NAME}]).encode(),
)


def health_visiting_files() -> Iterator[bytes]:
    """Four kinds of message, one of them in JSON too: whole, and with each value replaced."""
    relative = related(ARelative(name=f"{GIVEN} {NAME}", telephone=TELEPHONE))
    in_xml = (
        professional_contact(_PERSON),
        vaccination(_PERSON),
        birth_notification(replace(_PERSON, key="baby"), _MOTHER),
        encounter_message(_PERSON, AHeader(event="personal-contacts-1"), AnEncounter(), relative),
    )
    in_json = as_json(in_xml[0])
    for whole in (*in_xml, in_json):
        yield whole
        yield whole[: len(whole) // 2]
    yield from _NOT_FILES
    yield from _each_replaced(in_json, rb'": "([^"]*)"')
    for whole in in_xml:
        yield from _each_replaced(whole, rb'value="([^"]*)"')


def school_files() -> Iterator[bytes]:
    """A transfer file, whole and with each text replaced."""
    whole = ctf(_PUPIL)
    yield whole
    yield from _each_replaced(whole, rb">([^<>\s][^<>]*)<")
    yield from _NOT_FILES


def social_care_files() -> Iterator[bytes]:
    """A payload and a census, whole and with each value replaced by text, and by what it is not."""
    document = json.loads(full_episode())
    details = document[0]["Children"]["child_details"]
    details |= {"first_name": GIVEN, "surname": NAME, "date_of_birth": BORN, "postcode": POSTCODE}
    yield json.dumps(document).encode()
    for place in _places(document):
        for instead in (NAME, [NAME], {NAME: GIVEN}):
            yield json.dumps(_with(document, place, instead)).encode()
    upn = f"<UPN>{UPN}</UPN>"
    whole = census(a_census_child(a_case(an_assessment()), number=NAME, identifiers=upn))
    yield whole
    yield from _each_replaced(whole, rb"<[A-Za-z0-9]+>([^<]+)<")
    yield from _NOT_FILES


def _each_replaced(whole: bytes, pattern: bytes) -> Iterator[bytes]:
    for found in re.finditer(pattern, whole):
        yield whole[: found.start(1)] + NAME.encode() + whole[found.end(1) :]


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, part in inner:
        yield (*path, name)
        if isinstance(part, dict | list):
            yield from _places(part, (*path, name))


def _with(document: Any, place: tuple[str | int, ...], instead: Any) -> Any:
    copy = json.loads(json.dumps(document))
    holder = copy
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = instead
    return copy


def found_in(written: str) -> list[str]:
    """Say which canaries stand in a text, also as JSON or a URL would write them."""
    folded = written.casefold()
    return [canary for canary in CANARIES if canary.casefold() in folded]


def written_in(folder: Path, files: Iterable[bytes]) -> list[str]:
    """Write files under names that say nothing; give their paths."""
    folder.mkdir(exist_ok=True)
    paths = []
    for number, content in enumerate(files):
        path = folder / f"{number:04d}"
        path.write_bytes(content)
        paths.append(str(path))
    return paths


def the_subject() -> Subject:
    """Say whom the files are about."""
    return Subject("s", (nhs_number_identifier(NUMBER),), Demographics(date_of_birth=BORN))
