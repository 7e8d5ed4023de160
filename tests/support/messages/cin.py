"""Children in need censuses, built from what a case cares about."""

HEADER = (
    "<CollectionDetails><Collection>CIN</Collection><Year>2026</Year>"
    "<ReferenceDate>2026-03-31</ReferenceDate></CollectionDetails>"
    "<Source><SourceLevel>L</SourceLevel><LEA>999</LEA><SerialNo>001</SerialNo>"
    "<DateTime>2026-05-23T11:14:05</DateTime></Source>"
)


def census(*children: str, header: str = HEADER) -> bytes:
    """A file with these children."""
    found = "\n".join(children)
    return (
        f"<?xml version='1.0' encoding='utf-8'?>\n<Message>\n<Header>{header}</Header>\n"
        f"<Children>\n{found}\n</Children>\n</Message>\n"
    ).encode()


def a_census_child(*parts: str, number: str = "NC-1001", identifiers: str = "") -> str:
    """A child by the authority's number and birth date, with these further identifiers."""
    return (
        f"<Child><ChildIdentifiers><LAchildID>{number}</LAchildID>{identifiers}"
        f"<PersonBirthDate>2019-03-05</PersonBirthDate><Sex>F</Sex></ChildIdentifiers>"
        f"{''.join(parts)}</Child>"
    )


def a_case(*items: str, referred: str = "2025-10-06", closed: str = "") -> str:
    """A case that a school referred."""
    closure = f"<CINclosureDate>{closed}</CINclosureDate>" if closed else ""
    return (
        f"<CINdetails><CINreferralDate>{referred}</CINreferralDate>"
        f"<ReferralSource>2A</ReferralSource>{closure}<ReferralNFA>0</ReferralNFA>"
        f"{''.join(items)}</CINdetails>"
    )


def an_assessment(started: str = "2025-10-08", authorised: str = "2025-11-20") -> str:
    """An assessment with factors."""
    return (
        f"<Assessments><AssessmentActualStartDate>{started}</AssessmentActualStartDate>"
        f"<AssessmentAuthorisationDate>{authorised}</AssessmentAuthorisationDate>"
        "<FactorsIdentifiedAtAssessment><AssessmentFactors>3B</AssessmentFactors>"
        "</FactorsIdentifiedAtAssessment></Assessments>"
    )
