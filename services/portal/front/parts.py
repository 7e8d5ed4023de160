"""The parts of PortalServices that stand by themselves, each over the same database."""

from typing import Self

from services.audit.integrity.postgres_looking import Watched
from services.interfaces.connections.days.times import ConnectionTimes
from services.interfaces.connections.working import PostIn, nobody_in
from services.people.practitioners.sessions import SessionLimits
from services.people.signing_in.ports import SignInClient
from services.portal.audit.services import AuditOnDatabase
from services.portal.decisions.protection.services import ProtectionOnDatabase
from services.portal.decisions.protection.services_own_pages import OwnPagesOnDatabase
from services.portal.family.services_asked.services import ConnectionsOnDatabase
from services.portal.front.governance import GovernanceOnDatabase
from services.portal.front.listed.services import ListedOnDatabase
from services.portal.front.listed.services_partners import RegisteringOnDatabase
from services.portal.front.orders import OrdersOnDatabase
from services.portal.front.sign_in.services import SignInOnDatabase
from services.portal.front.sign_in.services_sessions import SessionsOnDatabase
from services.portal.front.staff.services import StaffOnDatabase
from services.portal.front.staff.services_rota import RotaOnDatabase
from services.portal.front.uses import UsesOnDatabase
from services.portal.gate.here.services import HereOnDatabase
from services.portal.gate.services import GateOnDatabase
from services.portal.who_is_who.lists import ListsOnDatabase
from services.portal.who_is_who.services_pairs import PairsOnDatabase
from services.portal.who_is_who.services_parked import ParkedOnDatabase
from services.work import Outside


class PartsOnDatabase(PairsOnDatabase):
    """What is asked of one part, by the part; `limits` are those of sessions."""

    def __init__(
        self,
        outside: Outside,
        *,
        demonstration: bool,
        sign_in: SignInClient | None,
        limits: SessionLimits,
        watched: Watched | None,
    ) -> None:
        super().__init__(outside)
        self._demonstration = demonstration
        self._sign_in = sign_in
        self._limits = limits
        self._watched = watched
        self._post: PostIn = nobody_in
        self._times = ConnectionTimes()

    def brings_requests(self, post: PostIn, times: ConnectionTimes) -> Self:
        """Bring requests to services by this, and by when; without it they reach nobody."""
        self._post, self._times = post, times
        return self

    @property
    def signing_in(self) -> SignInOnDatabase:
        """Coming in through a provider."""
        return SignInOnDatabase(self._outside, self._sign_in, self._limits)

    @property
    def sessions(self) -> SessionsOnDatabase:
        """Sessions that are open, and what was typed in one."""
        return SessionsOnDatabase(self._outside, self._limits)

    @property
    def here(self) -> HereOnDatabase:
        """What confirms that a family is there, and what is written meanwhile."""
        return HereOnDatabase(self._outside)

    @property
    def protection(self) -> ProtectionOnDatabase:
        """What protects a person from everybody but a list."""
        return ProtectionOnDatabase(self._outside)

    @property
    def own_pages(self) -> OwnPagesOnDatabase:
        """What somebody's own page must not show."""
        return OwnPagesOnDatabase(self._outside)

    @property
    def lists(self) -> ListsOnDatabase:
        """What data stewards are asked about the lists of schools."""
        return ListsOnDatabase(self._outside)

    @property
    def gate(self) -> GateOnDatabase:
        """What opens a family that is not one's own, and closes it again."""
        return GateOnDatabase(self._outside)

    @property
    def orders(self) -> OrdersOnDatabase:
        """What waits for a second hand."""
        return OrdersOnDatabase(self._outside)

    @property
    def uses(self) -> UsesOnDatabase:
        """What partners did in somebody's name."""
        return UsesOnDatabase(self._outside, demonstration=self._demonstration)

    @property
    def audit(self) -> AuditOnDatabase:
        """What information governance asks."""
        return AuditOnDatabase(self._outside, self._watched)

    @property
    def governance(self) -> GovernanceOnDatabase:
        """What reaches governance from practice, and comes back."""
        return GovernanceOnDatabase(self._outside)

    @property
    def staff(self) -> StaffOnDatabase:
        """Who works where."""
        providers = () if self._sign_in is None else self._sign_in.providers()
        return StaffOnDatabase(self._outside, {one.name: one.issuer for one in providers})

    @property
    def rota(self) -> RotaOnDatabase:
        """Who stands in for whom."""
        return RotaOnDatabase(self._outside)

    @property
    def listing(self) -> ListedOnDatabase:
        """Services that we list."""
        return ListedOnDatabase(self._outside)

    @property
    def registering(self) -> RegisteringOnDatabase:
        """Partners who answer."""
        return RegisteringOnDatabase(self._outside)

    @property
    def connections(self) -> ConnectionsOnDatabase:
        """Services that were asked."""
        return ConnectionsOnDatabase(self._outside, self._post, self._times)

    @property
    def unread(self) -> ParkedOnDatabase:
        """Messages that could not be read."""
        return ParkedOnDatabase(self._outside)
