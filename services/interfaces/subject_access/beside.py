"""What is held beside the records, as it is told: withheld by the rules by which records are.

Of what people wrote about a family a parent is told that it is there and no more, until somebody
has judged it: it may be the young person's own, the other parent's, or a fear about this one.
"""

from collections.abc import Sequence

from schemas.identifiers import RecordKey
from services.interfaces.subject_access.held import Beside, GivenTo, HeldBeside, WhyWithheld
from services.interfaces.subject_access.postgres_beside import FoundBeside
from services.interfaces.subject_access.withholding import Withholding
from services.profile.ports import StoredRecord

_NAMES_AGENCIES = frozenset({Beside.LET_IN, Beside.VISIT, Beside.WORDS, Beside.ASKED})
_TO_BE_JUDGED = frozenset({Beside.VISIT, Beside.WORDS, Beside.ASKED})
_TELLS_OF_A_PAGE = frozenset({Beside.OWN_PAGE, Beside.OWN_CHOICES, Beside.OWN_WORDS})


def beside_told(found: Sequence[FoundBeside], withholding: Withholding) -> tuple[HeldBeside, ...]:
    """Each with what it says, or why it is withheld.

    That a young person has a page of their own is not told to a parent, also not as withheld.
    """
    is_parent = withholding.given_to is GivenTo.PARENT
    told = [one for one in found if not (is_parent and one.what in _TELLS_OF_A_PAGE)]
    return tuple(_told(one, withholding) for one in told)


def _told(found: FoundBeside, withholding: Withholding) -> HeldBeside:
    reasons = tuple(_reasons(found, withholding))
    lines, parts = ((), ()) if reasons else (found.lines, found.others)
    return HeldBeside(found.what, found.source, found.at, lines, reasons, parts)


def _reasons(found: FoundBeside, withholding: Withholding) -> Sequence[WhyWithheld]:
    as_record = StoredRecord(
        RecordKey(""),
        found.source,
        found.category,
        (withholding.person,),
        found.labels,
        "",
        b"",
        stored_under=withholding.person,
    )
    reasons = [*withholding.of_record(as_record)]
    of_asking = withholding.of_asking()
    if found.what is Beside.LET_IN and of_asking is not None:
        reasons.append(of_asking)
    of_agency = withholding.of_agency()
    if found.what in _NAMES_AGENCIES and of_agency is not None:
        reasons.append(of_agency)
    if not found.is_confirmed:
        reasons.append(WhyWithheld.UNCONFIRMED)
    if withholding.given_to is GivenTo.PARENT and found.what in _TO_BE_JUDGED:
        reasons.append(WhyWithheld.TO_BE_JUDGED)
    return reasons
