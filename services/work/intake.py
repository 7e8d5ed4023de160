"""What lists and parked messages are handled with, in one transaction."""

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Source
from services.intake.lists.asking import Questions
from services.intake.lists.postgres import PostgresPupilLists
from services.intake.parked.answering import Answering
from services.intake.parked.postgres import ParkedMessages
from services.intake.parked.showing import Showing
from services.people.practitioners.people import is_another_human
from services.platform.keys.vault import SecretName
from services.work.staff import StaffWork

_PRACTITIONER = "practitioner:"


class IntakeWork(StaffWork):
    """One transaction, with what is asked of people about messages that came in."""

    def pupil_lists(self, source: Source) -> PostgresPupilLists:
        """Whom senders of a source have on their lists."""
        return PostgresPupilLists(self.connection, source, self.hasher, self.keys, self.clusters)

    def questions_of_lists(self) -> Questions:
        """What data stewards answer with whether so many are to leave a list."""
        return Questions(self.orders, self.ledger, self.now)

    @property
    def parked(self) -> ParkedMessages:
        """Messages that could not be read."""
        return ParkedMessages(self.connection, self.outside.vault.secret(SecretName.PARKED))

    def answering_parked(self, *, by_one_hand: bool = False) -> Answering:
        """What is said of parked messages with; of hands as for `joining`."""
        is_both_hands = self.is_demonstration and not by_one_hand
        ports = (self.parked, self.orders, self.ledger, self.now)
        return Answering(*ports, is_both_hands, self._are_two_people)

    def showing_parked(self) -> Showing:
        """What parked messages are shown with."""
        ports = (self.parked, self.persons, self.decisions, self.ledger)
        return Showing(*ports, self.outside.clock)

    def _are_two_people(self, one: str, other: str) -> bool:
        """Whether two actors are: who has two accounts has one name."""
        found = [
            self.directory.practitioner(PractitionerId(actor.removeprefix(_PRACTITIONER)))
            for actor in (one, other)
            if actor.startswith(_PRACTITIONER)
        ]
        known = [who for who in found if who is not None]
        are_two = len(known) < len((one, other)) or is_another_human(known[0], known[1])
        return one != other and are_two
