"""What the pages ask of the rest of the service: services.portal.services, and a fake in tests."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from schemas.identifiers import PersonId, PractitionerId
from schemas.records.published import KeptTo
from schemas.vocabulary import Purpose
from services.people.practitioners.people import (
    AgencyToRing,
    Session,
    SignedInPractitioner,
    SubjectEntry,
)
from services.people.practitioners.permissions import Permission
from services.portal.audit.services import AuditServices
from services.portal.decisions.asking.services import AskingServices
from services.portal.decisions.ports import DecisionServices
from services.portal.decisions.protection.services import ProtectionServices
from services.portal.decisions.protection.services_own_pages import OwnPagesServices
from services.portal.family.services_asked.services import ConnectionServices
from services.portal.family.writing.services import SupportServices
from services.portal.front.governance import GovernanceServices
from services.portal.front.listed.services import ListedServices
from services.portal.front.listed.services_partners import RegisteringServices
from services.portal.front.orders import OrderServices
from services.portal.front.sign_in.services import SignInServices
from services.portal.front.sign_in.services_sessions import SessionServices
from services.portal.front.staff.services import StaffServices
from services.portal.front.staff.services_rota import RotaServices
from services.portal.front.uses import UsesServices
from services.portal.gate.here.services import HereServices
from services.portal.gate.services import GateServices
from services.portal.who_is_who.lists import ListServices
from services.portal.who_is_who.services_pairs import PairServices
from services.portal.who_is_who.services_parked import ParkedServices
from services.profile.families import (
    BeforeContact,
    FamilySummary,
    NameSought,
    TooManySearches,
)
from services.profile.model import Profile, ProfileRefused, StoryScope
from services.profile.ports import ListedLook
from services.profile.story.reading import Colleague, StoryReaders
from services.profile.story.writing import StoryOutcome, ToldStory


class PortalServices(DecisionServices, PairServices, Protocol):
    """Each call is one transaction that holds its ledger entries; they are durable on return.

    Raises ServiceUnavailableError when the ledger or the database cannot be written: then nothing
    is shown.
    """

    @property
    def here(self) -> HereServices:
        """What confirms that a family is there, and what is written meanwhile."""

    @property
    def asking(self) -> AskingServices:
        """Recording what a family answered, question by question."""

    @property
    def protection(self) -> ProtectionServices:
        """What protects a person from everybody but a list."""

    @property
    def own_pages(self) -> OwnPagesServices:
        """What somebody's own page must not show."""

    @property
    def gate(self) -> GateServices:
        """What opens a family that is not one's own, and closes it again."""

    @property
    def orders(self) -> OrderServices:
        """What waits for a second hand."""

    @property
    def uses(self) -> UsesServices:
        """What partners did in somebody's name."""

    @property
    def audit(self) -> AuditServices:
        """What information governance asks."""

    @property
    def governance(self) -> GovernanceServices:
        """What reaches governance from practice, and comes back."""

    @property
    def staff(self) -> StaffServices:
        """Who works where."""

    @property
    def rota(self) -> RotaServices:
        """Who stands in for whom."""

    @property
    def listing(self) -> ListedServices:
        """Services that we list."""

    @property
    def registering(self) -> RegisteringServices:
        """Partners who answer without a system."""

    @property
    def connections(self) -> ConnectionServices:
        """Services that were asked to help a family."""

    @property
    def unread(self) -> ParkedServices:
        """Messages that could not be read, for data stewards."""

    @property
    def support(self) -> SupportServices:
        """Help wanted, next steps, and who says that they are involved."""

    @property
    def lists(self) -> ListServices:
        """What data stewards are asked about the lists of schools."""

    @property
    def signing_in(self) -> SignInServices:
        """Coming in through a provider of sign-in."""

    @property
    def sessions(self) -> SessionServices:
        """Sessions that are open, and what was typed in one that is not any more."""

    # Who is signed in.

    def now(self) -> datetime:
        """Tell the time by the service's Clock, aware, UTC; no transaction."""

    def demonstration_people(self) -> Sequence[SignedInPractitioner]:
        """Whom one may sign in as; empty unless this is the demonstration."""

    def sign_in(self, practitioner: PractitionerId) -> str | None:
        """Open a session; its secret for the cookie, or None if there is no such practitioner."""

    def session(self, secret: str) -> Session | None:
        """Give the session behind a cookie, while it lasts."""

    def sign_out(self, secret: str) -> tuple[str, str] | None:
        """End the session at once; through which provider it came, and its token, if it did."""

    # The families of a practitioner, and one of them.

    def refuse_role(self, who: SignedInPractitioner, permission: Permission) -> None:
        """Enter that the role did not open a page, in a transaction of its own."""

    def my_families(self, who: SignedInPractitioner) -> Sequence[FamilySummary]:
        """Children with whom the practitioner has a legitimate relationship, youngest first."""

    def find_family(
        self, who: SignedInPractitioner, subject: SubjectEntry
    ) -> PersonId | TooManySearches | None:
        """Find whose identifier it is, if known and not protected; the search is recorded."""

    def find_by_name(
        self, who: SignedInPractitioner, sought: NameSought
    ) -> Sequence[FamilySummary] | TooManySearches:
        """Those of the practitioner's own who are called so and were born then; it is recorded."""

    def read_profile(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Profile | ProfileRefused:
        """One family as the practitioner may see it; the look, or its refusal, is recorded."""

    def before_contact(self, who: SignedInPractitioner, person: PersonId) -> BeforeContact:
        """Name, birth, and whether they have died, as far as the practitioner may know of it."""

    def duty_lines(self) -> Sequence[AgencyToRing]:
        """Whom to ring where nothing is shared: the same for everybody, and about everybody."""

    def who_has_looked(
        self, who: SignedInPractitioner, person: PersonId
    ) -> Sequence[ListedLook] | ProfileRefused:
        """Every look at this family, newest first."""

    # What the family said.
    #
    # Writing asks for a relationship with the family; correcting, confirming and keeping ask that
    # the practitioner may read the entry for this purpose now.

    def add_story(
        self, who: SignedInPractitioner, person: PersonId, told: ToldStory
    ) -> ProfileRefused | None:
        """Write down what the family said; shared as its decisions about its story say.

        Refused where that is with nobody, or it is about somebody whom `who` may not know of.
        """

    def correct_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entry: str,
        told: ToldStory,
    ) -> ProfileRefused | StoryOutcome:
        """Put other words in an entry's place; whom it is about and kept to stays as it was."""

    def confirm_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entries: Collection[str],
        *,
        told_by: str,
    ) -> ProfileRefused | StoryOutcome:
        """Write down that nothing has changed in these entries: all of them, or none."""

    def keep_story(
        self,
        who: SignedInPractitioner,
        person: PersonId,
        purpose: Purpose,
        entry: str,
        kept_to: frozenset[KeptTo],
    ) -> ProfileRefused | StoryOutcome:
        """Keep an entry, and all that corrects or is corrected by it, to fewer people."""

    def story_readers(
        self, who: SignedInPractitioner, person: PersonId, scopes: Sequence[StoryScope]
    ) -> Sequence[StoryReaders] | ProfileRefused:
        """Who could read an entry of each of these scopes, in their order."""

    def who_may_be_named(
        self, who: SignedInPractitioner, person: PersonId, purpose: Purpose
    ) -> Sequence[Colleague]:
        """To whom an entry may be kept by name: `who`, and whom the profile shows to work here."""
