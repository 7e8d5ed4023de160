"""Which of our modules one fact enters on its way.

  .venv/bin/python -m tests.support.trips

Two trips on a real database, each step as the process that does it: (a) a NEMS message from its
file to the overview page, (b) a withdrawal from its form to the purge. Behind both all who hear
of it from the bus do their work until nothing is left. Everything has been done once before for
another child, so that nothing is imported or compiled while it is counted.

A module is entered when one of its functions is called. What Python makes itself (the bodies of
modules and classes, the methods of dataclasses) is not counted, templates neither. A switch is a
call into another module than that of the call before, in the same thread.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from inspect import CO_OPTIMIZED
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FrameType
from typing import Any, Self

from consent.model import RelationshipGround
from schemas.identifiers import DecisionId, PersonId
from schemas.vocabulary import Source
from services.platform.bus.postgres import PostgresEventBus
from services.platform.database.embedded.postgres import EmbeddedPostgres
from services.platform.database.engine import open_engine
from services.platform.database.migrating import migrate
from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase
from services.work import Outside, unit_of_work
from services.workers.relaying import make_topics
from tests.support.builders import ALL_AGREED, VISITOR
from tests.support.checkout import OUR_PACKAGES, ROOT
from tests.support.clock import StandingClock
from tests.support.consents.agreements import agree_from_the_beginning
from tests.support.consents.issuing import AN_ISSUER
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.nems import APerson
from tests.support.messages.nems_messages import professional_contact
from tests.support.people.relating import relate
from tests.support.portal.pages import Page, PageClient

_REHEARSED, _COUNTED = "9990000018", "9990000026"
_OURS = tuple(f"{ROOT / package}/" for package in OUR_PACKAGES)


@dataclass(slots=True)
class Trip:
    """What was called on a way, or on several of them together."""

    calls: int = 0
    switches: int = 0
    functions: set[CodeType] = field(default_factory=set)

    @property
    def modules(self) -> set[str]:
        """The files of the functions."""
        return {code.co_filename for code in self.functions}

    @property
    def folders(self) -> set[Path]:
        """The folders of the files."""
        return {Path(module).parent for module in self.modules}

    @property
    def lines(self) -> int:
        """How much there is to read in the files."""
        return sum(len(Path(module).read_text().splitlines()) for module in self.modules)

    def __add__(self, other: Self) -> "Trip":
        """Both ways, as one."""
        return Trip(
            self.calls + other.calls,
            self.switches + other.switches,
            self.functions | other.functions,
        )


@contextmanager
def counted() -> Iterator[Trip]:
    """Count what the block calls, in this thread and in those that it starts."""
    trip = Trip()
    lock = threading.Lock()
    last: dict[int, str] = {}

    def see(frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        if event != "call" or not is_ours(code):
            return
        with lock:
            trip.calls += 1
            trip.functions.add(code)
            thread = threading.get_ident()
            trip.switches += last.get(thread) not in {None, code.co_filename}
            last[thread] = code.co_filename

    threading.setprofile(see)
    sys.setprofile(see)
    try:
        yield trip
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def is_ours(code: CodeType) -> bool:
    """Whether this is a function of a package of the checkout, not a body of a module or class."""
    return bool(code.co_flags & CO_OPTIMIZED) and code.co_filename.startswith(_OURS)


@dataclass(frozen=True, slots=True)
class Traveller:
    """The main job, its pages, and somebody who is signed in to them."""

    running: InProcess
    pages: PageClient
    folder: Path

    @classmethod
    @contextmanager
    def ready(cls) -> Iterator[Self]:
        """Start on a database of its own; stop at the end."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="tell-once-trips-")))
            postgres = EmbeddedPostgres.start(folder / "data", unsafe_without_fsync=True)
            stack.enter_context(postgres)
            outside = _outside(postgres.url(), folder)
            stack.callback(outside.engine.dispose)
            running = stack.enter_context(InProcess.running(outside))
            services = PortalOnDatabase(running.portal, demonstration=True, receipts=AN_ISSUER)
            settings = PortalSettings("Exbury Council", "demonstration", cookie_secure=False)
            pages = PageClient(create_app(services, settings))
            pages.sign_in(VISITOR)
            yield cls(running, pages, folder)

    def travel(self, number: str) -> dict[str, Trip]:
        """Send a message about a child on its way and take it back; gives the steps by name."""
        decision, child = self._agreed(number)
        with counted() as ingesting:
            self.running.ingest(Source.HEALTH_VISITING, self._message(number))
        with counted() as aggregating:
            self.running.settle()
        assert self.running.stored(child), "the message did not get into the profile"
        with counted() as reading:
            overview = self.pages.http.get(f"/families/{child}")
        assert "Amara Okafor" in overview.text, "the overview does not show the fact"
        form = f"/families/{child}/consent/{decision}/withdraw"
        with counted() as asking:
            page = self.pages.http.get(form)
        token = Page(page).token_of(form)
        with counted() as withdrawing:
            answer = self.pages.http.post(form, data={"csrf": token})
        assert answer.status_code == 303, "the decision was not withdrawn"
        with counted() as purging:
            self.running.settle()
        assert not self.running.stored(child), "the profile was not purged"
        return {
            "one NEMS message: file to published": ingesting,
            "relay, aggregation, connectors": aggregating,
            "overview page": reading,
            "(a) the NEMS fact, whole trip": ingesting + aggregating + reading,
            "withdrawal: the form sent": withdrawing,
            "relay, purge, connectors": purging,
            "(b) the withdrawal, sent to purged": withdrawing + purging,
            "    with the page of its form": asking + withdrawing + purging,
        }

    def _agreed(self, number: str) -> tuple[DecisionId, PersonId]:
        recorded = self.running.decide(by_number(number, APerson().born))
        self.running.settle()
        (child,) = recorded.decision.subjects
        with unit_of_work(self.running.portal) as work:
            relate(work, VISITOR, child, RelationshipGround.REFERRAL)
        return recorded.decision.id, child

    def _message(self, number: str) -> Path:
        path = self.folder / f"{number}.xml"
        path.write_bytes(professional_contact(APerson(nhs_number=number), telephone=None))
        return path


def _outside(url: str, folder: Path) -> Outside:
    engine = open_engine(url)
    migrate(engine)
    make_topics(PostgresEventBus(engine))
    vault = FileKeyVault.open(folder / "keys" / "root.key")
    agree_from_the_beginning(engine, ALL_AGREED, vault)
    return Outside(engine, vault, KeyedHasher(vault.secret(SecretName.LINKING)), StandingClock())


def main() -> None:
    """Travel twice and print the second trip."""
    with Traveller.ready() as traveller:
        traveller.travel(_REHEARSED)
        trips = traveller.travel(_COUNTED)
    heads = ("calls", "functions", "modules", "lines", "folders", "switches")
    sys.stdout.write(f"{'':<38}" + "".join(f"{head:>11}" for head in heads) + "\n")
    for name, trip in trips.items():
        counts = (
            trip.calls,
            len(trip.functions),
            len(trip.modules),
            trip.lines,
            len(trip.folders),
            trip.switches,
        )
        sys.stdout.write(f"{name:<38}" + "".join(f"{count:>11,}" for count in counts) + "\n")


if __name__ == "__main__":
    main()
