"""Which sign-in opens which account, in PostgreSQL; and who signed in and has no account yet.

Two questions are answered differently. What a sign-in *opens* is its newest state's to say, if that
is as it was written. Whether two accounts are *one human being* every state says that there ever
was, also one that is over or was changed: it only ever takes away.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, text

from schemas.identifiers import PractitionerId
from services.ledger.bound_tables import SIGN_IN_ACCOUNTS
from services.ledger.postgres_bound import BoundRows
from services.people.signing_in.accounts import CODE_LASTS, SignIn, SignInAccount
from services.people.signing_in.codes import code_in_groups, new_code
from services.platform.errors import ServiceUnavailableError
from services.platform.keys.hashing import KeyedHasher


def one_human(practitioner: str) -> str:
    """A query's expression: the other accounts of whoever has this one, as an array.

    Two that one sign-in opens or ever opened are one human being's, and so on from each to each
    (migration 0041_sign_in_accounts).
    """
    return f"accounts_beside({practitioner})"


_NEWEST = """
    a.known_at <= :now AND NOT EXISTS (
        SELECT FROM sign_in_account later WHERE later.practitioner_id = a.practitioner_id
          AND later.subject_digest = a.subject_digest AND later.state > a.state
          AND later.known_at <= :now)
"""
_OPENED_BY = text(f"""
    SELECT a.* FROM sign_in_account a WHERE a.subject_digest = :digest AND {_NEWEST}
    ORDER BY a.since, a.practitioner_id
""")  # noqa: S608 of constant parts
_OF = text(f"""
    SELECT a.* FROM sign_in_account a WHERE a.practitioner_id = :practitioner AND {_NEWEST}
    ORDER BY a.since, a.subject_digest
""")  # noqa: S608 as above
_FIND = text("""
    SELECT * FROM sign_in_account
    WHERE practitioner_id = :practitioner AND subject_digest = :digest ORDER BY state DESC LIMIT 1
""")
_EVER_OPENED = text("""
    SELECT DISTINCT practitioner_id FROM sign_in_account WHERE subject_digest = :digest
    ORDER BY practitioner_id
""")
_ONE_HUMAN = text(f"SELECT {one_human('CAST(:practitioner AS text)')} AS others")
_FORGET_OLD = text("DELETE FROM sign_in_stranger WHERE until <= :now")
_REMEMBER = text("""
    INSERT INTO sign_in_stranger (subject_digest, code_hash, provider, until)
    VALUES (:digest, :code, :provider, :until)
    ON CONFLICT (subject_digest) DO UPDATE SET code_hash = excluded.code_hash,
        provider = excluded.provider, until = excluded.until
""")
_STRANGER = text("""
    SELECT provider, subject_digest FROM sign_in_stranger WHERE code_hash = :code AND until > :now
""")
_NO_STRANGER = text("DELETE FROM sign_in_stranger WHERE subject_digest = :digest")
_END_BROUGHT = text("DELETE FROM partner_token WHERE practitioner_id = :practitioner")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('sign-in ' || :digest, 0))")


_PRACTITIONER = "practitioner:"


def are_one(connection: Connection, one: str, other: str) -> bool:
    """Whether two actors, as the ledger names them, are one account, or one human being's."""
    if one == other or not (one.startswith(_PRACTITIONER) and other.startswith(_PRACTITIONER)):
        return one == other
    wanted = {"practitioner": one.removeprefix(_PRACTITIONER)}
    found = connection.execute(_ONE_HUMAN, wanted).scalar_one()
    return other.removeprefix(_PRACTITIONER) in found


class PostgresSignInAccounts:
    """Sign-ins and the accounts that they open, as one transaction sees them at one moment.

    `hasher` is keyed for this alone (`SecretName.SIGN_INS`).
    """

    def __init__(
        self, connection: Connection, at: datetime, bound: BoundRows, hasher: KeyedHasher
    ) -> None:
        self._connection = connection
        self._at = at
        self._bound = bound
        self._hasher = hasher

    def digest(self, issuer: str, subject: str) -> bytes:
        """The keyed hash under which somebody is known by who they are to a provider: 32 bytes.

        Two subjects of one issuer, or of two, never have the same: the issuer's length is in it.
        """
        return self._hasher.digest("sign-in", str(len(issuer)), issuer, subject)

    def opened_by(self, issuer: str, subject: str) -> Sequence[PractitionerId]:
        """The accounts that this sign-in opens now, the oldest first.

        That it opens one says nothing of its membership: ask the directory whether they are here.
        """
        return self.opened_by_digest(self.digest(issuer, subject))

    def opened_by_digest(self, digest: bytes) -> Sequence[PractitionerId]:
        """The same by the keyed hash, as a session has it."""
        rows = self._connection.execute(_OPENED_BY, {"digest": digest, "now": self._at})
        return [one.practitioner for one in self._in_force(rows.all())]

    def stranger(self, issuer: str, subject: str, provider: str) -> str:
        """A code to read out, for a sign-in that opens nothing; in groups, and kept as a hash.

        It holds for seven days; asking again gives another, and the one before finds nothing.
        """
        code, digest = new_code(), self.digest(issuer, subject)
        self._connection.execute(_FORGET_OLD, {"now": self._at})
        self._connection.execute(
            _REMEMBER,
            {
                "digest": digest,
                "code": self._code_hash(code),
                "provider": provider,
                "until": self._at + CODE_LASTS,
            },
        )
        return code_in_groups(code)

    def behind(self, code: str) -> SignIn | None:
        """Whose a code is, as `codes.read_code` gives it; None where it is nobody's any more."""
        wanted = {"code": self._code_hash(code), "now": self._at}
        row = self._connection.execute(_STRANGER, wanted).first()
        return None if row is None else SignIn(row.provider, bytes(row.subject_digest))

    def no_stranger(self, digest: bytes) -> None:
        """Forget the code of a sign-in that has an account now."""
        self._connection.execute(_NO_STRANGER, {"digest": digest})

    def lock(self, digest: bytes) -> None:
        """Let nobody else join or end this sign-in until commit."""
        self._connection.execute(_LOCK, {"digest": digest.hex()})

    def newest(self, practitioner: PractitionerId, digest: bytes) -> SignInAccount | None:
        """The newest state, whether or not it is over; one that was changed counts as over."""
        wanted = {"practitioner": practitioner, "digest": digest}
        row = self._connection.execute(_FIND, wanted).first()
        if row is None:
            return None
        holds = self._bound.holds(SIGN_IN_ACCOUNTS, row)
        return _account(row, until=row.until if holds else row.since)

    def of(self, practitioner: PractitionerId) -> Sequence[SignInAccount]:
        """The sign-ins that open an account now, the oldest first."""
        wanted = {"practitioner": practitioner, "now": self._at}
        return self._in_force(self._connection.execute(_OF, wanted).all())

    def ever_opened(self, digest: bytes) -> Sequence[PractitionerId]:
        """The accounts that a sign-in opens or ever opened."""
        rows = self._connection.execute(_EVER_OPENED, {"digest": digest})
        return [PractitionerId(row.practitioner_id) for row in rows]

    def one_human(self, practitioner: PractitionerId) -> Sequence[PractitionerId]:
        """The other accounts of whoever has this one."""
        found = self._connection.execute(_ONE_HUMAN, {"practitioner": practitioner}).scalar_one()
        return [PractitionerId(one) for one in found]

    def end_brought(self, practitioner: PractitionerId) -> None:
        """Let no partner speak for somebody any more by what their sign-in was exchanged for.

        It says neither by which sign-in nor as what they came: what was changed may be that.
        """
        self._connection.execute(_END_BROUGHT, {"practitioner": practitioner})

    def add(self, account: SignInAccount) -> None:
        """Write a state. Raises ServiceUnavailableError where another came first."""
        row = {
            "practitioner_id": account.practitioner,
            "subject_digest": account.sign_in.digest,
            "state": account.state,
            "provider": account.sign_in.provider,
            "since": account.since,
            "until": account.until,
            "asked_by": account.asked_by,
            "warranted_by": account.warranted_by,
            "known_at": self._at,
        }
        if not self._bound.add(SIGN_IN_ACCOUNTS, [(row, account.warranted_by)]):
            raise ServiceUnavailableError("another change of this sign-in came first; try again")

    def _in_force(self, rows: Sequence[Row[tuple[object, ...]]]) -> Sequence[SignInAccount]:
        held = [_account(row) for row in rows if self._bound.holds(SIGN_IN_ACCOUNTS, row)]
        return [one for one in held if not one.is_over(self._at)]

    def _code_hash(self, code: str) -> bytes:
        return self._hasher.digest("sign-in-code", code)


def _account(row: Row[tuple[object, ...]], until: datetime | None = None) -> SignInAccount:
    return SignInAccount(
        PractitionerId(row.practitioner_id),
        SignIn(row.provider, bytes(row.subject_digest)),
        row.since,
        row.asked_by,
        row.warranted_by,
        until or row.until,
        row.state,
    )
