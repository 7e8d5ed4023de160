"""School census returns as text, built from what a test cares about."""

from lxml import etree

Group = dict[str, str]

IDENTIFIERS: Group = {
    "UPN": "H801200001001",
    "Surname": "Ashdown",
    "Forename": "Wren",
    "DOB": "2018-05-03",
    "Sex": "F",
}


def a_return(
    *pupils: str,
    at: str | None = "2026-10-08T09:30:00",
    lea: str | None = "999",
    estab: str | None = "2001",
    collection: str = "SchoolCensus",
    left: tuple[str, ...] = (),
) -> bytes:
    """A return of one school: pupils on its roll, and those who have `left` it."""
    source = {"SourceLevel": "L", "LEA": lea, "Estab": estab, "DateTime": at}
    details = {"Collection": collection, "Term": "AUT", "Year": "2026"}
    details["ReferenceDate"] = "2026-10-01"
    return (
        "<Message><Header>"
        f"{_group('CollectionDetails', details)}{_group('Source', source)}"
        "</Header><Pupils>"
        f"<PupilsOnRoll>{''.join(pupils)}</PupilsOnRoll>"
        f"<PupilsNoLongerOnRoll>{''.join(left)}</PupilsNoLongerOnRoll>"
        "</Pupils></Message>"
    ).encode()


def on_roll(more: str = "", *, status: Group | None = None, **identifiers: str | None) -> str:
    """A pupil on the roll; None leaves an identifier out."""
    stated = {"EnrolStatus": "C", "EntryDate": "2023-09-04", "NCyearActual": "3"}
    return _pupil("PupilOnRoll", more, stated if status is None else status, identifiers)


def gone(
    more: str = "", *, left: str | None = "2026-07-20", entered: str = "2023-09-04", **ids: str
) -> str:
    """A pupil who is on it no longer."""
    status = {"EntryDate": entered, "LeavingDate": left, "NCyearLeaving": "2"}
    return _pupil("PupilNoLongerOnRoll", more, status, ids)


def _pupil(
    kind: str, more: str, status: dict[str, str | None] | Group, identifiers: dict[str, str | None]
) -> str:
    who = _group("PupilIdentifiers", {**IDENTIFIERS, **identifiers})
    return f"<{kind}>{who}{_group('PupilStatus', status)}{more}</{kind}>"


def _group(name: str, told: dict[str, str | None] | Group) -> str:
    root = etree.Element(name)
    for inner, text in told.items():
        if text is not None:
            etree.SubElement(root, inner).text = text
    return etree.tostring(root, encoding="unicode")
