"""What is held of somebody beside their records: contacts, visits, who may ask and why.

In one transaction of the database's owner.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, TextClause, text

from connectors.publishing.telling.contacts import OWN
from consent.model import RelationshipGround
from schemas.identifiers import PersonId
from schemas.uk_time import uk_day
from schemas.vocabulary import Category, Label, Source
from services.interfaces.connections.model import lines_of
from services.interfaces.connections.postgres import PostgresConnections
from services.interfaces.connections.telling.postgres import PostgresSaid, words_not_told
from services.interfaces.subject_access.held import Beside
from services.people.presence.contacts import HeldContact
from services.people.presence.model import Sheet, WithWhom
from services.people.presence.postgres_whose import WhoseVisits
from services.people.presence.sheets import sheets_written
from services.people.relationships.model import EmergencyReason, RequestStatus
from services.platform.errors import KeyDestroyedError
from services.platform.keys.sealing import JweSealer
from services.profile.story.own.documents import words_in
from services.profile.story.own.postgres import PostgresOwnWords
from services.work import UnitOfWork

Lines = tuple[tuple[str, str], ...]

_WHERE = frozenset({Label.LOCATION})
"""A telephone may stand where somebody lives, and reaches them there."""
_OF_OTHERS = frozenset({Label.THIRD_PARTY})

_AGENCIES = text("SELECT agency_code, name FROM agency")
_VISITS = text("""
    SELECT v.presence_id, v.began_at, v.with_whom, c.confirmed_at, p.name AS who,
           a.name AS agency, a.kind
    FROM presence v LEFT JOIN presence_confirmed c USING (presence_id)
        JOIN practitioner p USING (practitioner_id)
        JOIN agency a ON a.agency_code = v.agency_code
    WHERE v.presence_id = ANY(:typed) OR (v.sealed_subject IS NULL AND v.person_id = ANY(:persons))
    ORDER BY v.began_at, v.presence_id
""")
_LET_IN = text("""
    SELECT r.ground AS what, r.since, r.until, p.name AS who, a.name AS agency, a.kind
    FROM (SELECT DISTINCT ON (relationship_id) * FROM relationship
          WHERE person_id = ANY(:persons) ORDER BY relationship_id, state DESC) AS r
        JOIN agency a USING (agency_code) LEFT JOIN practitioner p USING (practitioner_id)
    ORDER BY r.since, r.relationship_id
""")
_ASKED = text("""
    SELECT q.status AS what, q.known_at AS since, q.until, p.name AS who, a.name AS agency, a.kind
    FROM (SELECT DISTINCT ON (request_id) * FROM relationship_request
          WHERE person_id = ANY(:persons) ORDER BY request_id, state DESC) AS q
        JOIN agency a USING (agency_code) JOIN practitioner p USING (practitioner_id)
    ORDER BY q.known_at, q.request_id
""")
_WORDS = text("""
    SELECT w.person_id, w.sealed, coalesce(r.since, q.known_at) AS since, a.kind,
           (SELECT min(t.reason) FROM emergency_told t
            WHERE t.relationship_id = w.relationship_id) AS reason
    FROM relationship_words w
        LEFT JOIN relationship r ON r.relationship_id = w.relationship_id AND r.state = 1
        LEFT JOIN relationship_request q ON q.request_id = w.relationship_id AND q.state = 1
        JOIN agency a ON a.agency_code = coalesce(r.agency_code, q.agency_code)
    WHERE w.person_id = ANY(:persons) ORDER BY since, w.relationship_id
""")
_ON_OWN_PAGE = text("""
    SELECT known_at AS at, 'Messages' AS what,
           CASE WHEN contact IS NULL THEN 'none' ELSE array_to_string(times, ', ') END AS said
    FROM family_reach WHERE person_id = ANY(:persons)
    UNION ALL
    SELECT asked_at, 'A copy of what is held', 'asked for'
    FROM family_copy WHERE person_id = ANY(:persons)
    ORDER BY at, what, said
""")


@dataclass(frozen=True, slots=True, repr=False)
class FoundBeside:
    """One thing of this sort, opened, with what withholding has to know of it.

    `others` are the parts that are somebody else's and not in `lines`. `is_confirmed` is false
    where nobody has said whose words it is.
    """

    what: Beside
    source: Source
    category: Category
    at: datetime
    lines: Lines
    labels: frozenset[Label] = frozenset()
    others: tuple[str, ...] = ()
    is_confirmed: bool = True


class PostgresBeside:
    """What one transaction of the owner's finds of these ids, which are one person's."""

    def __init__(self, work: UnitOfWork, persons: Sequence[PersonId]) -> None:
        self._work = work
        self._persons = persons

    def everything(self) -> list[FoundBeside]:
        """All of it, sort by sort, the earliest first."""
        others = (
            *(self._let_in(), self._words(), self._asked()),
            *(self._own_words(), self._on_own_page()),
        )
        return [*self._reached(), *self._visits(), *(one for each in others for one in each)]

    def _reached(self) -> Iterator[FoundBeside]:
        names = {row.agency_code: row.name for row in self._work.connection.execute(_AGENCIES)}
        for held in self._work.presences().contacts.of(self._persons[0]):
            yield _contact(held, names.get(held.agency, ""))

    def _visits(self) -> Iterator[FoundBeside]:
        presences = self._work.presences()
        work = self._work
        whose = WhoseVisits(work.connection, work.hasher, presences.sheet_key)
        typed = whose.typed_about(self._persons)
        for row in self._rows(_VISITS, typed=typed):
            sheets = sheets_written(row.presence_id, presences=presences)
            yield _visit(row, sheets)

    def _let_in(self) -> Iterator[FoundBeside]:
        for row in self._rows(_LET_IN):
            yield _asking(row, RelationshipGround(row.what).label)
        for row in self._rows(_ASKED):
            yield _asking(row, f"Asked to work with you: {RequestStatus(row.what).value}")

    def _words(self) -> Iterator[FoundBeside]:
        opener = JweSealer(self._work.keys.data_key)
        for row in self._rows(_WORDS):
            with suppress(KeyDestroyedError):
                said = opener.open(PersonId(row.person_id), bytes(row.sealed)).decode()
                kind = Source(row.kind)
                why = () if row.reason is None else (EmergencyReason(row.reason).label,)
                lines = (*(("Reason", label) for label in why), ("Words", said))
                yield FoundBeside(Beside.WORDS, kind, Category.PRACTITIONERS, row.since, lines)

    def _asked(self) -> Iterator[FoundBeside]:
        """What services were told is of the one whom they would ring, and told to that one."""
        sealer = JweSealer(self._work.keys.data_key)
        rows = PostgresConnections(self._work.connection, sealer)
        said = PostgresSaid(self._work.connection, sealer)
        for one in rows.about(self._persons):
            service = rows.service(one.service)
            named = "" if service is None else f"{service.name}, {service.partner_name}"
            lines = (("Service", named or one.service), ("How it stands", one.status.label))
            told: Lines = ()
            if one.person in self._persons:
                with suppress(KeyDestroyedError):
                    told = (*lines_of(rows.told(one)), *words_not_told(said, one.id, one.person))
            days = rows.days_looked(one.id)
            looked = tuple(("The service looked at it on", _day(day.last_at)) for day in days)
            at, hub = one.changed_at, Source.FAMILY_HUB
            yield FoundBeside(Beside.ASKED, hub, Category.STORY, at, (*lines, *looked, *told))

    def _own_words(self) -> Iterator[FoundBeside]:
        """What they wrote themselves, as it stands; what others wrote of them is the others'."""
        own = PostgresOwnWords(self._work.connection, self._work.keys)
        for one in sorted(own.every(self._persons), key=lambda each: (each.at, each.id)):
            lines = (("Words", words_in(one)),)
            what, hub = Beside.OWN_WORDS, Source.FAMILY_HUB
            yield FoundBeside(what, hub, Category.STORY, one.at, lines)

    def _on_own_page(self) -> Iterator[FoundBeside]:
        """Of nobody but themselves: to a parent it would tell that there is a page."""
        for row in self._rows(_ON_OWN_PAGE):
            yield FoundBeside(
                Beside.OWN_CHOICES,
                Source.FAMILY_HUB,
                Category.IDENTITY_AND_CONTACT,
                row.at,
                ((row.what, row.said),),
                labels=_WHERE,
            )

    def _rows(self, query: TextClause, **more: object) -> Sequence[Row[tuple[object, ...]]]:
        wanted = {"persons": list(self._persons)} | more
        return self._work.connection.execute(query, wanted).all()


def _contact(held: HeldContact, agency: str) -> FoundBeside:
    is_own = held.held_as == OWN
    return FoundBeside(
        Beside.REACHED,
        held.source,
        Category.IDENTITY_AND_CONTACT,
        held.first_at,
        (("Contact", held.contact.value), *((("Agency", agency),) if agency else ())),
        labels=_WHERE if is_own else _OF_OTHERS,
    )


def _visit(row: Row[tuple[object, ...]], sheets: Sequence[Sheet]) -> FoundBeside:
    with_whom = WithWhom(row.with_whom)
    is_themselves = with_whom is WithWhom.THEMSELVES
    said = [line for sheet in sheets for line in _lines_of_sheet(sheet, is_named=is_themselves)]
    confirmed = "" if row.confirmed_at is None else _day(row.confirmed_at)
    who = (("Who was with you", row.who), ("Agency", row.agency), ("Said to be", with_whom.label))
    named = any(sheet.name or sheet.date_of_birth for sheet in sheets) and not is_themselves
    return FoundBeside(
        Beside.VISIT,
        Source(row.kind),
        Category.STORY,
        row.began_at,
        (*who, ("Confirmed on", confirmed), *said),
        others=("name", "date_of_birth") if named else (),
        is_confirmed=row.confirmed_at is not None,
    )


def _lines_of_sheet(sheet: Sheet, *, is_named: bool) -> Lines:
    """What a sheet says; the name on it is of whoever was there."""
    said = {
        "Name": sheet.name if is_named else "",
        "Date of birth": sheet.date_of_birth if is_named else "",
        "What others should know": sheet.story,
        "Help wanted": sheet.needs,
        "What might be shared": sheet.proposed,
        "Said no to": "; ".join(category.label for category in sorted(sheet.refused)),
    }
    return tuple((label, words) for label, words in said.items() if words)


def _asking(row: Row[tuple[object, ...]], ground: str) -> FoundBeside:
    who = row.who or "The agency's safeguarding leads"
    until = "" if row.until is None else _day(row.until)
    lines = (("Who", who), ("Agency", row.agency), ("Ground", ground), ("Until", until))
    told = tuple((label, words) for label, words in lines if words)
    return FoundBeside(Beside.LET_IN, Source(row.kind), Category.PRACTITIONERS, row.since, told)


def _day(at: datetime) -> str:
    day = uk_day(at)
    return f"{day.day} {day:%B %Y}"
