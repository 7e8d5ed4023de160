"""Class lists and transfer files of one or a few pupils, week by week, as schools put them."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.intake.lists.closing import KIND
from services.people.governance.orders import Order
from services.profile.merging.whereabouts import present_homes
from services.profile.model import Profile
from services.work import unit_of_work
from services.workers.files.reading import FileDisposition
from tests.support.builders import VISITOR
from tests.support.checkout import ROOT
from tests.support.fakes.in_process import InProcess
from tests.support.people.relating import relate

CASES = ROOT.parent / "shared" / "cases" / "schools"
FIRST_WEEK = datetime(2026, 11, 2, 8, tzinfo=UTC)
AFTERWARDS = datetime(2026, 11, 30, 9, tzinfo=UTC)
"""When all of them have come."""
NOOR = {
    "CHILD_FIRST_NAME": "Noor",
    "CHILD_LAST_NAME": "Listed",
    "CHILD_DATE_OF_BIRTH": "01/02/2016",
    "CHILD_ADDRESS_LINE_1": "1 Old Street",
    "CHILD_POSTCODE": "ZZ99 3WZ",
    "CHILD_NHS_NUMBER": "9995000016",
    "PARENT_1_NAME": "Ann Listed",
    "PARENT_1_RELATIONSHIP": "Mother",
    "PARENT_1_EMAIL": "ann@example.test",
    "PARENT_1_PHONE": "07700900011",
    "PARENT_2_NAME": "Joe Listed",
    "PARENT_2_RELATIONSHIP": "Father",
    "PARENT_2_EMAIL": "joe@example.test",
    "PARENT_2_PHONE": "07700900012",
}
NO_FATHER = dict.fromkeys((name for name in NOOR if name.startswith("PARENT_2")), "")


def a_row(**changes: str | None) -> dict[str, str]:
    """Noor's row, changed; None leaves the column out."""
    row = NOOR | {name: said for name, said in changes.items() if said is not None}
    return {name: said for name, said in row.items() if changes.get(name, "") is not None}


def class_list(*rows: Mapping[str, str]) -> str:
    """A list with the columns of its first row."""
    names = list(rows[0])
    lines = (",".join(row.get(name, "") for name in names) for row in rows)
    return "\n".join([",".join(names), *lines]) + "\n"


def transfer_file(
    *pupils: str, estab: str = "4003", day: int = 1, qualifier: str = "full", descriptor: str = "x"
) -> str:
    """A Common Transfer File of one school and day."""
    return (
        "<CTfile><Header><DocumentName>Common Transfer File</DocumentName>"
        f"<CTFversion>25.0</CTFversion><DateTime>2026-11-{day:02d}T06:30:00</DateTime>"
        f"<DocumentQualifier>{qualifier}</DocumentQualifier>"
        f"<DataDescriptor>{descriptor}</DataDescriptor><SourceSchool><LEA>999</LEA>"
        f"<Estab>{estab}</Estab><SchoolName>School {estab}</SchoolName></SourceSchool></Header>"
        f"<CTFpupilData>{''.join(pupils)}</CTFpupilData></CTfile>"
    )


def a_pupil(
    upn: str = "H999100230003",
    *,
    forename: str = "Eve",
    surname: str = "Leaver",
    born: str = "2013-04-03",
    street: str = "1 Old Street",
    more: str = "",
) -> str:
    """One pupil of a transfer file, in year 8."""
    home = (
        f"<Address><AddressLines><AddressLine1>{street}</AddressLine1></AddressLines>"
        "<PostCode>ZZ99 3WZ</PostCode></Address>"
        if street
        else ""
    )
    return (
        f"<Pupil><UPN>{upn}</UPN><Surname>{surname}</Surname><Forename>{forename}</Forename>"
        f"<DOB>{born}</DOB><Sex>F</Sex>{home}"
        f"<BasicDetails><NCyearActual>8</NCyearActual></BasicDetails>{more}</Pupil>"
    )


class SchoolsSending:
    """Files that come one after the other, each a week after the last, and what is then seen."""

    def __init__(self, running: InProcess, folder: Path) -> None:
        self.running = running
        self._folder = folder
        self._weeks = 0

    def send(
        self, text: str, *, week: float | None = None, **more: Any
    ) -> Sequence[FileDisposition]:
        """Put a file, of that week or else of the next, read it, and let everything come of it."""
        path = self._folder / f"{self._weeks}.txt"
        path.write_text(text, encoding="utf-8")
        at = FIRST_WEEK + timedelta(weeks=self._weeks if week is None else week)
        os.utime(path, (at.timestamp(), at.timestamp()))
        self._weeks += 1
        found = self.running.ingest(Source.SCHOOLS, path, **more)
        self.running.settle()
        return found

    def send_case(self, name: str) -> Sequence[FileDisposition]:
        """The same with one of the shared cases."""
        return self.send((CASES / name).read_text(encoding="utf-8"))

    def profile(self, person: PersonId) -> Profile:
        """The family, as a health visitor who may see all of it is shown it."""
        with unit_of_work(self.running.outside) as work:
            relate(work, VISITOR, person)
        found = self.running.read(person)
        assert isinstance(found, Profile)
        return found


def homes(profile: Profile, *, current: bool = True) -> list[str]:
    """Where the child lives now, or has lived, by the first line."""
    claims = profile.people[0].addresses
    shown = present_homes(claims) if current else [c for c in claims if not c.is_current]
    return [" ".join(claim.address.lines[:1]) for claim in shown]


def numbers(profile: Profile) -> dict[str, list[str]]:
    """How to reach each relative whom sources name now."""
    return {
        kin.names[0].value: [claim.telecom.value for claim in kin.telecoms]
        for kin in profile.kin
        if kin.is_current
    }


def schools(profile: Profile, *, current: bool = True) -> list[str | None]:
    """The schools of the child now, or before."""
    return [p.agency_name for p in profile.practitioners if p.is_current is current]


def a_list_question(
    order: str = "question-0001", *, gone: int = 3, of: int = 10, part: str = "class:3b"
) -> Order:
    """A question that waits for a data steward, as a list makes it."""
    document = {
        "source": "schools",
        "sender": "9992001",
        "part": part,
        "version": "2026-11-09T08:00:00.000000Z/000000000",
        "agency": "9992001",
        "feed": None,
        "gone": gone,
        "of": of,
    }
    return Order(order, KIND, document, "job:connector-schools", AFTERWARDS)
