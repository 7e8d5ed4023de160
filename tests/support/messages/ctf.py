"""Common Transfer Files as text, built from what a case cares about."""

from dataclasses import dataclass, field

from lxml import etree

Part = etree._Element


@dataclass(frozen=True)
class AContact:
    """Somebody whom the school may ring about a pupil."""

    relationship: str = "PAM"
    surname: str = "Marlow"
    forename: str = "Ines"
    order: str | None = "1"
    responsibility: str | None = "1"
    address_as_pupil: str | None = "1"
    lines: tuple[str, ...] = ()
    postcode: str | None = None
    telephone: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class AYear:
    """A pupil's sessions of one year."""

    year: str = "2026"
    possible: str | None = "120"
    attended: str | None = "114"
    authorised: str | None = "4"
    unauthorised: str | None = "2"
    marks: str | None = None
    marks_from: str | None = None


@dataclass(frozen=True)
class APupil:
    """A pupil as the school's system exports them."""

    upn: str | None = "T999200119011"
    surname: str | None = "Marlow"
    forename: str | None = "Edie"
    born: str | None = "2019-03-05"
    sex: str | None = "F"
    gender: str | None = None
    preferred: str | None = None
    middle_names: str | None = None
    former_upn: str | None = None
    year_group: str | None = "2"
    languages: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ("1 Test Lane",)
    postcode: str | None = "NF1 1AA"
    telephone: str | None = None
    contacts: tuple[AContact, ...] = ()
    attendance: tuple[AYear, ...] = ()
    sen: tuple[tuple[str, str], ...] = ()
    extra: tuple[tuple[str, str], ...] = field(default=())


def part(name: str, *children: Part | None, text: str | None = None) -> Part:
    """One element; children that are None are left out."""
    element = etree.Element(name)
    element.text = text
    element.extend([child for child in children if child is not None])
    return element


def maybe(name: str, text: str | None) -> Part | None:
    """An element with text, or nothing."""
    return None if text is None else part(name, text=text)


def ctf(
    *pupils: APupil,
    at: str | None = "2026-09-14T07:30:00",
    lea: str | None = "999",
    estab: str | None = "2001",
    school: str | None = "Brookside Primary School",
) -> bytes:
    """A CTF file of one school."""
    header = part(
        "Header",
        part("DocumentName", text="Common Transfer File"),
        part("CTFversion", text="24.0"),
        maybe("DateTime", at),
        part("DocumentQualifier", text="partial"),
        part("SupplierID", text="Invented MIS"),
        part(
            "SourceSchool",
            maybe("LEA", lea),
            maybe("Estab", estab),
            maybe("SchoolName", school),
            part("AcademicYear", text="2026"),
        ),
        part("DestSchool", part("LEA", text="999"), part("Estab", text="LLLL")),
    )
    root = part("CTfile", header, part("CTFpupilData", *(pupil_part(p) for p in pupils)))
    etree.indent(root, "\t")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def pupil_part(pupil: APupil) -> Part:
    """A Pupil element."""
    return part(
        "Pupil",
        maybe("UPN", pupil.upn),
        maybe("Surname", pupil.surname),
        maybe("Forename", pupil.forename),
        maybe("DOB", pupil.born),
        maybe("Sex", pupil.sex),
        maybe("Gender", pupil.gender),
        _basic_details(pupil),
        _sen_history(pupil),
        _address(pupil.lines, pupil.postcode),
        _phones(pupil.telephone),
        part("Contacts", *(_contact(c) for c in pupil.contacts)) if pupil.contacts else None,
        part("Attendance", *map(_year_data, pupil.attendance)) if pupil.attendance else None,
        *(part(name, text=text) for name, text in pupil.extra),
    )


def _basic_details(pupil: APupil) -> Part:
    languages = [
        part("Type", part("LanguageType", text=kind), part("Language", text=language))
        for kind, language in pupil.languages
    ]
    return part(
        "BasicDetails",
        maybe("FormerUPN", pupil.former_upn),
        maybe("PreferredForename", pupil.preferred),
        maybe("MiddleNames", pupil.middle_names),
        maybe("NCyearActual", pupil.year_group),
        part("Languages", *languages) if languages else None,
        part("EnrolStatus", text="C"),
    )


def _sen_history(pupil: APupil) -> Part | None:
    stages = [
        part("SEN", part("StartDate", text=start), part("SENprovision", text=provision))
        for start, provision in pupil.sen
    ]
    return part("SENhistory", *stages) if stages else None


def _address(lines: tuple[str, ...], postcode: str | None) -> Part | None:
    if not lines and postcode is None:
        return None
    numbered = (
        part(f"AddressLine{number}", text=line) for number, line in enumerate(lines, start=1)
    )
    return part("Address", part("AddressLines", *numbered), maybe("PostCode", postcode))


def _phones(number: str | None) -> Part | None:
    if number is None:
        return None
    return part(
        "Phones", part("Phone", part("TelephoneType", text="M"), part("PhoneNo", text=number))
    )


def _contact(contact: AContact) -> Part:
    return part(
        "Contact",
        maybe("Order", contact.order),
        part("Surname", text=contact.surname),
        part("Forename", text=contact.forename),
        part("Relationship", text=contact.relationship),
        maybe("Responsibility", contact.responsibility),
        maybe("AddressAsPupil", contact.address_as_pupil),
        _address(contact.lines, contact.postcode),
        _phones(contact.telephone),
        maybe("Email", contact.email),
    )


def _year_data(year: AYear) -> Part:
    marks = part(
        "AttendSessions",
        maybe("AttendanceStartDate", year.marks_from),
        maybe("AttendanceMarks", year.marks),
    )
    return part(
        "YearData",
        part("Year", text=year.year),
        part("LEA", text="999"),
        part("Estab", text="2001"),
        maybe("SessionsPossible", year.possible),
        maybe("SessionsAuthorised", year.authorised),
        maybe("SessionsAttended", year.attended),
        maybe("SessionsUnauthorised", year.unauthorised),
        marks if len(marks) else None,
    )
