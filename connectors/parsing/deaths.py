"""That somebody has died: by a day that may be none, or in words that mean nothing else. Pure.

Said of who is spoken of ("Died in department", "Pupil deceased"), or beside who somebody is to a
child ("Father (deceased)"). Words that may be of somebody else ("Home of a friend who died") say
nothing of either.
"""

import re
from typing import Final

from connectors.parsing.demographics import is_iso_date
from schemas.records.payloads import PersonDetails

_WHO: Final = r"(?:(?:the )?(?:patient|child|baby|infant|pupil|student) )?(?:has |had |is )?"
_WHAT: Final = r"(?:died|dead|deceased|expired|stillbirth|stillborn|passed away|death)"
_HOW: Final = (
    r"(?: (?:in|at|on|or|during|before|after) .*| of (?:the )?(?:patient|child|pupil|student))?"
)
_DIED: Final = re.compile(f"{_WHO}{_WHAT}{_HOW}")

# "Late" and "dec" are words of their own: only before or behind who it is.
_DEAD: Final = re.compile(
    r"\b(?:now )?(?:has )?(?:deceased|decease|died|dead|passed away|r\.?i\.?p\b\.?)"
    r"(?:[ ,:-]*(?:in )?[0-9][0-9/. -]*)?|^(?:the |my )?late\b|\(late\)|\(dec(?:['’]?d)?\.?\)"
)
_OF_OTHERS: Final = re.compile(r"\b(?:not|isn['’]?t|of|if|when|whose|s)\b")


def death_on(died: str, born: str | None) -> PersonDetails:
    """A death on the day that is written, whatever is written there."""
    if not is_iso_date(died):
        return PersonDetails(has_died=True, death_contradicted=True)
    return PersonDetails(died=died, death_contradicted=born is not None and died < born)


def says_died(text: str | None) -> bool:
    """Whether these words say of who is spoken of that they have died, and nothing else."""
    return bool(_DIED.fullmatch(" ".join((text or "").casefold().split())))


def without_death(text: str) -> tuple[str, bool]:
    """The words without those that say of them that they have died, and whether there were any."""
    folded = " ".join(text.casefold().split())
    rest, times = _DEAD.subn(" ", folded)
    return (rest, True) if times and not _OF_OTHERS.search(folded) else (folded, False)
