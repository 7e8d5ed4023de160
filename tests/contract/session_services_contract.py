"""What every SessionServices and SignInServices must do, with no provider; the world is given.

What providers make of it is in tests/integration/sign_in_pages: the fakes have none.
"""

from schemas.identifiers import PersonId, PractitionerId
from services.people.practitioners.coming_in import BegunRefusal
from services.people.practitioners.people import Session
from services.people.signing_in.ports import Returned
from services.portal.ports import PortalServices
from tests.support.portal.portal_world import PortalWorld

World = PortalWorld[PortalServices]
_BROWSER = "b" * 43
_TYPED = {"text": ["Mornings are hard."], "who": ["child", "mother"]}
_PAGE = "/families/x/story/new"


class SessionServicesContract:
    """Subclass it, give the fixture `world` as PortalWorld describes it."""

    def test_one_is_signed_in_where_one_signed_in(self, world: World) -> None:
        """Each session by an id that is not its secret."""
        secret, session = self.open(world)
        self.open(world)

        own = world.services.sessions.own(world.practitioner)

        assert len(own) == 2
        assert session.id in {one.id for one in own}
        assert secret not in {one.id for one in own}
        assert {one.provider for one in own} == {None}

    def test_one_ends_one_or_all_others(self, world: World) -> None:
        """At once; what is ended is not ended again."""
        secrets = [self.open(world)[0] for _ in range(4)]
        first, second = (self.session(world, one) for one in secrets[:2])

        ended = [world.services.sessions.end_own(world.practitioner, second.id) for _ in range(2)]
        others = world.services.sessions.end_others(first)

        assert (ended, others) == ([True, False], 2)
        assert [world.services.session(one) is not None for one in secrets] == [
            True,
            False,
            False,
            False,
        ]

    def test_somebodys_session_is_ended_only_as_theirs(self, world: World) -> None:
        """By its id and whose it is, both."""
        secret, session = self.open(world)
        by, nobody = world.practitioner, PractitionerId("0" * 32)

        wrong = world.services.sessions.end_for(by, nobody, session.id)
        right = world.services.sessions.end_for(by, by.id, session.id)

        assert (wrong, right) == (False, True)
        assert world.services.session(secret) is None

    def test_who_came_by_no_provider_has_one_account(self, world: World) -> None:
        """There is none to change to."""
        secret, session = self.open(world)

        assert list(world.services.sessions.accounts(secret)) == []
        assert world.services.sessions.change_account(secret, world.practitioner.id) is None
        assert session.accounts == ()
        assert session.has_accepted(world.services.now())

    def test_what_was_typed_is_given_back_once_to_its_writer(self, world: World) -> None:
        """At its own address, in its own browser."""
        sessions, who = world.services.sessions, world.practitioner.id
        sessions.keep_typed(who, None, _PAGE, _TYPED, _BROWSER)

        wrong = (
            sessions.typed(PractitionerId("0" * 32), _PAGE, _BROWSER),
            sessions.typed(who, "/elsewhere", _BROWSER),
            sessions.typed(who, _PAGE, "c" * 43),
        )
        where = sessions.where_typed(who, _BROWSER)
        right = [sessions.typed(who, _PAGE, _BROWSER) for _ in range(2)]

        assert wrong == (None, None, None)
        assert where == _PAGE
        assert right == [_TYPED, None]

    def test_what_is_typed_later_stands_in_its_place(self, world: World) -> None:
        """A browser leaves one thing; about somebody whom there is not it is kept as well."""
        sessions, who = world.services.sessions, world.practitioner.id
        sessions.keep_typed(who, None, _PAGE, _TYPED, _BROWSER)
        sessions.keep_typed(who, PersonId("0" * 32), "/later", {"a": ["b"]}, _BROWSER)

        assert sessions.where_typed(who, _BROWSER) == "/later"
        assert sessions.typed(who, "/later", _BROWSER) == {"a": ["b"]}

    def test_a_session_that_was_ended_is_not_over_by_itself(self, world: World) -> None:
        """Nothing that is sent by it is kept; likewise one that never was."""
        secret, _ = self.open(world)
        world.services.sign_out(secret)

        assert world.services.sessions.over(secret) is None
        assert world.services.sessions.over("made-up") is None

    def test_without_providers_nobody_comes_in(self, world: World) -> None:
        """Whatever a browser or a server sends."""
        signing_in = world.services.signing_in
        returned = Returned("nobody", "code", None, None)

        assert list(signing_in.providers()) == []
        refused = BegunRefusal.NO_PROVIDER
        assert signing_in.begin("nobody", _BROWSER, back_to="/") is refused
        assert signing_in.come_back(returned, "state", _BROWSER, None) is refused
        assert signing_in.offered(_BROWSER) is None
        assert signing_in.choose(world.practitioner.id, _BROWSER, None) is None
        assert signing_in.log_out("nobody", "token") is False
        assert signing_in.address_to_sign_out("nobody", "token") is None

    def open(self, world: World) -> tuple[str, Session]:
        """Sign in."""
        secret = world.services.sign_in(world.practitioner.id)
        assert secret is not None
        return secret, self.session(world, secret)

    @staticmethod
    def session(world: World, secret: str) -> Session:
        """The session of a secret."""
        session = world.services.session(secret)
        assert session is not None
        return session
