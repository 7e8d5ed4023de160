"""The composition root: settings in, an application of ready parts out. Nothing at import."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from connectors.registry import with_every_source
from consent.agreements.adopting import AdoptAgreement, adopt_agreement
from consent.ports import Clock
from consent.receipts import Council
from consent.transparency.checkpoint import LedgerSigner
from services.audit.integrity.postgres_looking import Watched, watched_as_set
from services.audit.integrity.postgres_passes import LedgerPass, keep_pass
from services.decisions.receipts.signing import ReceiptSigner
from services.ledger.bound_tables import BOUND
from services.ledger.postgres_access import SignedCopy
from services.ledger.postgres_bound_verifying import (
    BoundRowFault,
    agreements_not_held,
    compare_bound_rows,
    decisions_not_found,
    may_be_key_of_bound_rows,
)
from services.ledger.witness.postgres import WitnessAddress, parse_witnesses
from services.lifecycle.retention.rules import RetentionRules, retention_rules
from services.people.family_access.ages import read_ages
from services.people.linking.scoring import Weights, read_weights, shipped_weights
from services.people.practitioners.sessions import SessionLimits
from services.people.signing_in.demonstration import (
    DemonstrationIssuer,
    ReadBrought,
    reading_brought,
)
from services.platform.bus.address import open_bus_as_set
from services.platform.bus.ports import EventBus
from services.platform.clock import SystemClock
from services.platform.database.embedded.postgres import EmbeddedPostgres
from services.platform.database.engine import Engine, database_failures, open_engine
from services.platform.database.migrating import (
    DatabaseTooOldError,
    is_current,
    is_empty,
    mark_installation,
    migrate,
)
from services.platform.database.secured import secured
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.place import KeysPlace, keys_place
from services.platform.keys.postgres_checks import Uses, keys_unusable, note_keys, open_vault
from services.platform.keys.vault import KeyVault, SecretName
from services.platform.logging import LogEvent
from services.platform.mailbox.ports import Mailbox
from services.platform.messages.address import open_messages
from services.platform.messages.ports import Messages
from services.platform.processes.serving_lock import ServingLock
from services.platform.settings import Settings
from services.work import Outside, unit_of_work
from services.work.postgres_past import open_past

if TYPE_CHECKING:  # only the portal signs people in, and every command comes through here
    from services.people.signing_in.client import OidcClient

# The agreement that an embedded data folder begins with; a real database begins with none.
_FILE = Path(__file__).parent / "decisions" / "standard_agreement.json"


def standard_agreement() -> bytes:
    """The file as it ships with the program; every source is in those rules that its row names."""
    return with_every_source(
        _FILE.read_bytes(), "agencies", lambda row, rule: row.agreement.issuperset(rule["purposes"])
    )


def adopt_standard_unless_any(outside: Outside) -> None:
    """Adopt the standard agreement where none was ever adopted; `outside` is the owner's.

    A folder that an earlier version made gets it too. Out of its time it is adopted all the same
    and denies everything, as any other.
    """
    with unit_of_work(outside) as work:
        if work.decisions.agreements:
            return
        by = "job:data-folder"
        order = AdoptAgreement(standard_agreement(), actor=by, although_not_valid=True)
        adopting = work.adopting()
        # Of two processes that both found none, the second finds it adopted once it may look.
        if not adopting.agreements.lock_and_list():
            adopt_agreement(order, adopting=adopting)


LOADED = "demonstration"
"""The file in a data folder that says that the invented families are in it."""


class DatabaseRole(StrEnum):
    """As whom a process speaks to the database; each may do only its own work."""

    OWNER = "postgres"
    PORTAL = "tell_once_app"
    AGGREGATION = "tell_once_aggregation"
    RELAY = "tell_once_relay"
    CONNECTORS = "tell_once_connectors"
    OWN = "tell_once_own"


@dataclass(slots=True)
class Application:
    """Everything that outlives a transaction. Engines are opened when first asked for."""

    settings: Settings
    vault: KeyVault
    clock: Clock
    database_url: str
    embedded: EmbeddedPostgres | None
    _outsides: dict[DatabaseRole, Outside] = field(default_factory=dict)
    _sign_in: "OidcClient | None" = None

    def outside(self, role: DatabaseRole) -> Outside:
        """Database, keys and clock for one role; on a real database its own user is used."""
        if role not in self._outsides:
            user = role.value if self.embedded is not None else None
            engine = open_engine(self.database_url, role=user)
            hasher = KeyedHasher(self.vault.secret(SecretName.LINKING))
            own = self._own_engine() if role is DatabaseRole.PORTAL else None
            more = (self.weights, self.retention, own, self.messages.channels)
            self._outsides[role] = Outside(
                engine,
                self.vault,
                hasher,
                self.clock,
                *more,
                notice_version=self.settings.notice_version or None,
                family_ages=read_ages(self.settings.family_ages),
                past=open_past(self.database_url, user) if role is DatabaseRole.PORTAL else None,
            )
        return self._outsides[role]

    def _own_engine(self) -> Engine | None:
        """The database as whoever opens agencies' own labels: by a user of its own, or not."""
        if self.embedded is not None:
            return open_engine(self.database_url, role=DatabaseRole.OWN.value)
        told = self.settings.own_database
        return None if told is None else open_engine(secured(self.settings, told, "own_database"))

    @property
    def weights(self) -> Weights:
        """What persons are compared with. Raises WeightsInvalidError for a file that is none."""
        file = self.settings.link_weights
        return shipped_weights() if file is None else read_weights(file)

    @property
    def messages(self) -> Messages:
        """What carries messages to people outside, as the settings say."""
        return open_messages(self.settings)

    @property
    def sign_in_client(self) -> "OidcClient":
        """The providers of sign-in that the settings name, or none.

        One for the process, which knows their keys. Raises SignInSettingsError.
        """
        if self._sign_in is None:
            self._sign_in = _open_sign_in(self.settings)
        return self._sign_in

    @property
    def read_brought(self) -> ReadBrought:
        """Whose a token is that a partner brings: of the providers, or of the demonstration."""
        is_demonstration = self.settings.environment == "demonstration"
        secret = self.vault.secret(SecretName.DEMONSTRATION)
        own = DemonstrationIssuer(secret) if is_demonstration else None
        return reading_brought(self.sign_in_client, own)

    @property
    def session_limits(self) -> SessionLimits:
        """How long somebody stays signed in."""
        idle, hours = self.settings.session_idle_minutes, self.settings.session_hours
        return SessionLimits(timedelta(minutes=idle), timedelta(hours=hours))

    @property
    def retention(self) -> RetentionRules:
        """How long what is kept. Raises RetentionRulesInvalidError."""
        return retention_rules(self.settings.retention_rules)

    @property
    def engine(self) -> Engine:
        """The database as the relay, which keeps the ledger."""
        return self.outside(DatabaseRole.RELAY).engine

    @property
    def ledger_signer(self) -> LedgerSigner:
        """Signs checkpoints under this installation's name."""
        return LedgerSigner(self.settings.ledger_origin, self.vault.secret(SecretName.LEDGER))

    @property
    def receipt_signer(self) -> ReceiptSigner:
        """Signs consent receipts, under the ledger's name with a word after it."""
        name = f"{self.settings.ledger_origin}/receipts"
        return ReceiptSigner(name, self.vault.secret(SecretName.RECEIPTS))

    @property
    def council(self) -> Council:
        """Who answers for the shared profile, as receipts name them."""
        told = self.settings
        return Council(
            told.council_name,
            told.council_address,
            told.council_contact,
            told.privacy_notice,
            told.storage_location,
        )

    @property
    def ledger_copy(self) -> SignedCopy:
        """The copy of the checkpoint that was signed last, beside the key."""
        return SignedCopy(self.settings.data / "keys" / "ledger.checkpoint")

    def bound_row_faults(self) -> Sequence[BoundRowFault]:
        """All about which the ledger and the rows that it vouches for disagree, at one moment."""
        engine = self.outside(DatabaseRole.OWNER).engine
        key = self.vault.secret(SecretName.BOUND_ROWS)
        with engine.execution_options(isolation_level="REPEATABLE READ").begin() as connection:
            compared = compare_bound_rows(connection, key=key)
            return [*compared, *decisions_not_found(connection), *agreements_not_held(connection)]

    @property
    def witnesses(self) -> Sequence[WitnessAddress]:
        """Who is asked to cosign the ledger's checkpoints. Raises WitnessesMisnamedError."""
        return parse_witnesses(self.settings.ledger_witnesses)

    @property
    def watched(self) -> Watched:
        """What is looked at of integrity beside the database, and whom an alarm goes to."""
        beside = (self.ledger_signer, self.ledger_copy, self.witnesses)
        return watched_as_set(*beside, self.settings)

    def keep_pass(self, found: LedgerPass) -> None:
        """Keep what a pass over ledger and rows found, as the database's owner."""
        with database_failures(), self.outside(DatabaseRole.OWNER).engine.begin() as connection:
            keep_pass(connection, found)

    def open_bus(self, role: DatabaseRole) -> EventBus:
        """The bus that the settings name."""
        return open_bus_as_set(self.settings, self.outside(role).engine)

    def open_mailbox(self) -> Mailbox:
        """The mailbox that the settings name. Raises MailboxNotNamedError."""
        from services.platform.mailbox.mesh import open_mesh_mailbox  # noqa: PLC0415 slow, rare

        return open_mesh_mailbox(self.settings)

    @property
    def is_served(self) -> bool:
        """Whether somebody else runs aggregation and relay for this data."""
        return self.embedded is None or ServingLock(self.settings.data).is_held()

    def disconnect(self) -> None:
        """Close every connection to databases and providers; whoever needs one opens it anew.

        Before a fork, so that no two processes speak over one; and at the end of each.
        """
        if self._sign_in is not None:
            self._sign_in.close()
        for outside in self._outsides.values():
            outside.engine.dispose()
            for other in filter(None, (outside.own, outside.past)):
                other.dispose()

    def close(self) -> None:
        """Let go of connections and of the embedded database."""
        self.disconnect()
        if self.embedded is not None:
            self.embedded.stop()


@contextmanager
def opened(
    settings: Settings,
    *,
    migrating: bool = False,
    serving: bool = False,
    keys_may_lack: bool = False,
) -> Iterator[Application]:
    """The application for these settings, closed at the end.

    Without a database URL the embedded one of the data folder is started if need be, brought to
    this program's version and given the standard agreement if it has none. An empty one becomes a
    demonstration, unless the first to open it is there to serve in production. Keys are made for
    an empty one and for no other; `keys_may_lack` is for commands that say which are not there.
    Raises DatabaseTooOldError for a real one that is behind, KeyUnusableError for keys that are
    not those of the database, and ServiceUnavailableError when it does not answer.
    """
    application = _open(settings, migrating=migrating, keys_may_lack=keys_may_lack)
    try:
        with database_failures():
            _require_current(application, serving=serving, is_noting=not keys_may_lack)
            if application.embedded is not None:
                adopt_standard_unless_any(application.outside(DatabaseRole.OWNER))
        yield application
    finally:
        application.close()


def _open(settings: Settings, *, migrating: bool, keys_may_lack: bool) -> Application:
    data, place = settings.data, keys_place(settings)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if settings.database is not None:
        url = secured(settings, settings.database, "database")
        engine = open_engine(url)
        vault = _vault_of(engine, place, may_migrate=migrating, may_lack=keys_may_lack)
        return Application(settings, vault, SystemClock(), url, None)
    embedded = EmbeddedPostgres.start(Path(data))
    try:
        engine = open_engine(embedded.url(), role=DatabaseRole.OWNER.value)
        vault = _vault_of(engine, place, may_migrate=True, may_lack=keys_may_lack)
    except BaseException:
        embedded.stop()
        raise
    return Application(settings, vault, SystemClock(), embedded.url(), embedded)


def _open_sign_in(settings: Settings) -> "OidcClient":
    from services.people.signing_in.client import OidcClient  # noqa: PLC0415 as above
    from services.people.signing_in.providers import (  # noqa: PLC0415
        SettingFault,
        SignInSettingsError,
        read_providers,
    )

    is_demonstration = settings.environment == "demonstration"
    file = settings.sign_in
    found = () if file is None else read_providers(file, is_demonstration=is_demonstration)
    if found and not (is_demonstration or settings.public_url.startswith("https://")):
        reason = "is to begin with https://, as providers send people back to it"
        raise SignInSettingsError([SettingFault("setting public_url", reason)])
    log = structlog.get_logger()

    def report(provider: str, why: str) -> None:
        log.warning(LogEvent.SIGN_IN_PROVIDER_FAILED, provider=provider, why=why)

    return OidcClient(
        found, public_url=settings.served_at, is_demonstration=is_demonstration, report=report
    )


def _vault_of(engine: Engine, place: KeysPlace, *, may_migrate: bool, may_lack: bool) -> KeyVault:
    """The keys that the database was made with; the engine is let go of."""
    try:
        with database_failures():
            if may_migrate or is_current(engine):
                return _opened_vault(engine, place, may_lack=may_lack)
        raise DatabaseTooOldError("the database is not at this version; run tell-once migrate")
    finally:
        engine.dispose()


def _opened_vault(engine: Engine, place: KeysPlace, *, may_lack: bool) -> KeyVault:
    with engine.connect() as connection:
        uses, vault = open_vault(connection, place, may_lack=may_lack)
        key = vault.secret(SecretName.BOUND_ROWS)
        if uses is Uses.NOT_NOTED and not may_be_key_of_bound_rows(connection, key=key):
            raise keys_unusable(["root.key does not belong to what the ledger vouches for"])
        return vault


def _require_current(application: Application, *, serving: bool, is_noting: bool) -> None:
    engine = application.outside(DatabaseRole.OWNER).engine
    if not is_current(engine):
        _bring_up(application, engine, serving=serving)
    elif is_noting:
        with engine.begin() as connection:
            note_keys(connection, application.vault)


def _bring_up(application: Application, engine: Engine, *, serving: bool) -> None:
    is_new = is_empty(engine)
    migrate(engine)
    with unit_of_work(application.outside(DatabaseRole.OWNER)) as work:
        work.bound.bind_what_was_there(BOUND)
    with engine.begin() as connection:
        note_keys(connection, application.vault)
        mark_installation(
            connection,
            is_demonstration=_is_demonstration(
                application, is_for_trying_out=is_new and not serving
            ),
        )


def _is_demonstration(application: Application, *, is_for_trying_out: bool) -> bool:
    """Only ever an embedded folder: where invented families are, or that begins without serving."""
    settings = application.settings
    is_said = settings.environment == "demonstration" or (settings.data / LOADED).exists()
    return application.embedded is not None and (is_said or is_for_trying_out)
