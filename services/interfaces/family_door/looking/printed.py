"""Home and who has looked, made for paper: for who is there, as they would see it, by a worker."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from consent.ledger import FieldValue
from consent.ledger.events import LedgerEvent
from services.interfaces.family_door.frame import on_paper
from services.interfaces.family_door.languages.speaking import Phrase, speaking_in
from services.interfaces.family_door.looking.services import looks_of, people_on_page
from services.interfaces.family_door.services import OnPage, ones_of
from services.interfaces.family_door.words import HELD_BACK, called, looked_line, sharing_line
from services.people.family_access.giving import as_on_their_page
from services.people.family_access.model import WhyNoAccess
from services.people.family_access.reaching import reached_by
from services.people.practitioners.people import SignedInPractitioner
from services.portal.decisions.receipts.languages import Words
from services.portal.gate.here.printing import OwnPagePrinted, PaperLanguage
from services.portal.words.dates import uk_day_in_words
from services.profile.families.own_page.months import LookOf
from services.profile.families.own_page.postgres_looks import PostgresOwnLooks
from services.profile.families.own_page.sharing import ServiceRow, rows_about
from services.work import Outside, unit_of_work

_ENGLISH = Words().code
MOST = 60
"""As many looks are on paper, the newest; who wants more looks on their page, or asks."""


class FamilyPrinting:
    """Makes it on PostgreSQL, with its entry. Raises ServiceUnavailableError."""

    def __init__(self, outside: Outside, hub: str, data: Path | None = None) -> None:
        self._outside = outside
        self._hub = hub
        self._data = data

    def __call__(
        self, who: SignedInPractitioner, presence: str, language: str = ""
    ) -> OwnPagePrinted | None:
        """What is handed over, in a language of which words are released, or in English.

        None, which is entered, where a page could not be given either.
        """
        with unit_of_work(self._outside) as work:
            door = work.family_door()
            session = as_on_their_page(presence, who, door=door)
            if isinstance(session, WhyNoAccess):
                return None
            reached = reached_by(session, door=door)
            looks = looks_of(session, reached, door=door, work=work)
            newest = sorted(looks, key=lambda one: (one.at, one.told.look.id), reverse=True)[:MOST]
            ones = ones_of(session, door)
            rows = {one.person: rows_about(one, ones, door.at) for one in reached}
            fields: dict[str, FieldValue] = {
                "presence": presence,
                "subjects": [one.person for one in reached],
                "rows": len(newest),
            }
            door.enter(LedgerEvent.FAMILY_PAGE_PRINTED, fields, by=who.actor)
            people = people_on_page(reached, work)
            begun = PostgresOwnLooks(work.connection).begun()
            return self._made(
                language,
                {
                    "printed_on": uk_day_in_words(door.at),
                    "since": None if begun is None else uk_day_in_words(begun),
                    "parts": [
                        _part(one, n, rows[one.person], newest) for n, one in enumerate(people)
                    ],
                },
            )

    def _made(self, language: str, words: Mapping[str, object]) -> OwnPagePrinted:
        speak = speaking_in(language, self._data)
        offered = [PaperLanguage(one.value, one.own_name) for one in speak.offered]
        body = on_paper(speak, {"hub": self._hub, "held_back": Phrase(HELD_BACK), **words})
        english = PaperLanguage(_ENGLISH, "English")
        return OwnPagePrinted(
            body, speak.code, speak.direction, [english, *offered] if offered else ()
        )


def _part(
    one: OnPage, number: int, rows: Sequence[ServiceRow], looks: Sequence[LookOf]
) -> Mapping[str, object]:
    told = [looked_line(look.told) for look in looks if look.person == one.person]
    return {
        "name": called(one, number - 1),
        "is_own_part": one.is_own_part,
        "rows": [sharing_line(row, is_own_part=one.is_own_part) for row in rows],
        "looks": told,
    }
