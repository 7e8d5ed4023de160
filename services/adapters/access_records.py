"""What is on record, for questions that come from outside, in one unit of work."""

from datetime import datetime

from consent.errors import DecisionInvalidError
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.subject import Subject
from schemas.vocabulary import Purpose
from services.access.ports import Known
from services.adapters.portal_orders import reading_order
from services.adapters.subjects import subject_from_text
from services.adapters.unit_of_work import UnitOfWork
from services.aggregation.viewing import view_family


class UnitOfWorkRecords:
    """services.access.ports.AccessRecords over one transaction."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def person(self, text: str) -> PersonId | None:
        """The person with this opaque id or `SCHEME:VALUE`; None when nobody is known by it.

        Of several who are one, the one known outside.
        """
        try:
            subject = subject_from_text(text) if ":" in text else PersonId(text)
        except DecisionInvalidError:
            return None
        if isinstance(subject, Subject):
            found = self._work.persons.resolve([subject])[0].person
        else:
            found = subject if self._work.persons.exists(subject) else None
        return None if found is None else self._work.records.known_as(found)

    def known(
        self, person: PersonId, practitioner: PractitionerId, purpose: Purpose, *, at: datetime
    ) -> Known | None:
        """What bears on this practitioner and person; None for an unknown practitioner."""
        who = self._work.directory.practitioner(practitioner)
        if who is None:
            return None
        viewing, _ = view_family(
            reading_order(who, person, purpose),
            at=at,
            records=self._work.records,
            decisions=self._work.decisions,
            case_loads=self._work.case_loads,
        )
        return Known(viewing.practitioner, viewing.on_record)
