"""An empty installation of its own to walk through: a server, a database, keys in a data folder."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from services.platform.bus.postgres import PostgresEventBus
from services.platform.clock import SystemClock
from services.platform.database.embedded.postgres import EmbeddedPostgres
from services.platform.database.engine import Engine, open_engine
from services.platform.database.migrating import migrate
from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside
from services.workers.relaying import make_topics
from tests.support.access.world import AccessWorld
from tests.support.builders import ALL_AGREED
from tests.support.consents.agreements import agree_from_the_beginning
from tests.support.one_loop import end_loop


@contextmanager
def an_installation() -> Iterator[AccessWorld]:
    """Start it, build the world in it, and clear it away."""
    with ExitStack() as stack:
        stack.callback(end_loop)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="tell-once-access-")))
        postgres = EmbeddedPostgres.start(folder / "postgres", unsafe_without_fsync=True)
        url = stack.enter_context(postgres).url()
        engine = open_engine(url)
        stack.callback(engine.dispose)
        migrate(engine)
        make_topics(PostgresEventBus(engine))
        data = folder / "data"
        outside = outside_of(engine, data)
        agree_from_the_beginning(engine, ALL_AGREED, outside.vault)
        yield stack.enter_context(AccessWorld.on(outside, data))


def outside_of(engine: Engine, data: Path) -> Outside:
    """A database with its keys in a data folder, by the system's clock."""
    (data / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
    vault = FileKeyVault.open(data / "keys" / "root.key")
    return Outside(engine, vault, KeyedHasher(vault.secret(SecretName.LINKING)), SystemClock())
