"""The columns of a class list that are read, by our own titles."""

from typing import Final

PREFERRED_FIRST: Final = ("CHILD_PREFERRED_FIRST_NAME", "CHILD_PREFERRED_GIVEN_NAME")
PREFERRED_LAST: Final = ("CHILD_PREFERRED_LAST_NAME", "CHILD_PREFERRED_FAMILY_NAME")
COLUMNS: Final = (
    *(f"PARENT_{n}_{x}" for n in (1, 2) for x in ("NAME", "RELATIONSHIP", "EMAIL", "PHONE")),
    *("CHILD_FIRST_NAME", "CHILD_LAST_NAME", "CHILD_DATE_OF_BIRTH", "CHILD_YEAR_GROUP"),
    *PREFERRED_FIRST,
    *PREFERRED_LAST,
    *("CHILD_ADDRESS_LINE_1", "CHILD_ADDRESS_LINE_2", "CHILD_TOWN", "CHILD_POSTCODE"),
    *("CHILD_REGISTRATION", "CHILD_NHS_NUMBER", "CHILD_UPN", "CHILD_PHONE"),
    *("SCHOOL_URN", "SCHOOL_NUMBER", "SCHOOL_NAME", "SCHOOL_PHONE"),
)
"""What is read, in the order by which a row is told from another; others are nobody's business."""
REQUIRED: Final = ("CHILD_FIRST_NAME", "CHILD_LAST_NAME", "CHILD_DATE_OF_BIRTH")

ADDRESS_LINES: Final = ("CHILD_ADDRESS_LINE_1", "CHILD_ADDRESS_LINE_2", "CHILD_TOWN")
POSTCODE: Final = "CHILD_POSTCODE"
CLASS: Final = ("CHILD_YEAR_GROUP", "CHILD_REGISTRATION")
SCHOOL: Final = ("SCHOOL_URN", "SCHOOL_NUMBER", "SCHOOL_NAME", "SCHOOL_PHONE")
STATED: Final = (
    *((f"PARENT_{n}_{x}",) for n in (1, 2) for x in ("NAME", "EMAIL", "PHONE")),
    ADDRESS_LINES,
    (POSTCODE,),
)
"""Columns of which an empty cell is a statement, and a missing column none."""
STATED_WHERE_THERE: Final = ("CHILD_PHONE",)
"""The same of columns that came later: a list without them is told from others as it was before."""
