"""UsesServices in memory: what a test puts into `uses`, newest first; see its contract."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose
from services.people.practitioners.people import Session, SignedInPractitioner
from services.people.staffing.names_used import NameUse, UseKind
from services.portal.front.uses import MOST_TOLD
from tests.support.builders import NOW

A_USE = NameUse(
    "c1" * 16,
    UseKind.FAMILIES,
    "northfield-ehr",
    Purpose.DIRECT_CARE,
    NOW,
    asked=1,
    shown=2,
    refused=1,
    disowned_at=None,
)


@dataclass(slots=True)
class FakeUses:
    """Uses of names, and no demonstration of its own."""

    uses: dict[PractitionerId, list[NameUse]] = field(default_factory=dict)

    def mine(self, who: SignedInPractitioner, before: str | None) -> Sequence[NameUse]:
        found = self.uses.get(who.id, [])
        places = [place for place, one in enumerate(found, 1) if one.id == before]
        start = 0 if before is None else places[0] if places else len(found)
        return found[start : start + MOST_TOLD + 1]

    def disown(self, who: SignedInPractitioner, use: str) -> bool:
        found = self.uses.get(who.id, [])
        if all(one.id != use for one in found):
            return False
        self.uses[who.id] = [
            replace(one, disowned_at=NOW) if one.id == use else one for one in found
        ]
        return True

    def token_for(self, session: Session, client: str) -> str | None:
        del session, client
        return None
