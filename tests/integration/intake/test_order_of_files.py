"""Files that have no date inside hold in the order in which they were written, for each child."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from connectors.ports import Received, Unreadable
from connectors.publishing.publish import PublishIfPermitted, publish_if_permitted
from connectors.registry import read_messages
from schemas.identifiers import PersonId
from schemas.records.message import SourceMessage, Subject
from schemas.records.payloads import Involvement
from schemas.vocabulary import Source
from services.intake.postgres_kept_back import FileRead
from services.platform.keys.vault import SecretName
from services.work import Outside, unit_of_work
from services.workers.replaying import replay
from tests.support.builders import NOW
from tests.support.fakes.in_process import InProcess, by_number
from tests.support.messages.csc import a_child, a_child_details, an_episode, csc
from tests.support.partners_database import by_upn

pytestmark = pytest.mark.postgres

MINUTE = timedelta(minutes=1)
_LIST = "CHILD_FIRST_NAME,CHILD_LAST_NAME,CHILD_DATE_OF_BIRTH,CHILD_NHS_NUMBER,CHILD_REGISTRATION\n"


def _class_list(group: str) -> bytes:
    return f"{_LIST}Edie,Marlow,2019-03-05,9990000018,{group}\n".encode()


def _payload(worker: str) -> bytes:
    episode = an_episode(care_worker_details=[{"worker_id": worker, "start_date": "2026-01-04"}])
    details = a_child_details(postcode=None)
    return csc(a_child(child_details=details, social_care_episodes=[episode]))


@dataclass(slots=True)
class Files:
    """A folder of files of one source; what they say of one child is one word."""

    running: InProcess
    source: Source
    folder: Path

    @property
    def child(self) -> Subject:
        """The child as somebody decides about them."""
        is_school = self.source is Source.SCHOOLS
        return by_number("9990000018", "2019-03-05") if is_school else by_upn("T999200119011")

    def content(self, word: str) -> bytes:
        """A file that says it."""
        return _class_list(word) if self.source is Source.SCHOOLS else _payload(word)

    def read(self, name: str, word: str, minute: int) -> str:
        """Read in a file that was written at that minute; gives what became of it."""
        path = self.folder / name
        path.write_bytes(self.content(word))
        written = (NOW + minute * MINUTE).timestamp()
        os.utime(path, (written, written))
        (row,) = self.running.ingest(self.source, path)
        return row.message.disposition.value

    def permit(self) -> PersonId:
        """Let all of it be shared."""
        (person,) = self.running.decide(self.child).decision.subjects
        self.running.settle()
        return person

    def holds(self, person: PersonId) -> str | None:
        """The word that the profile shows."""
        self.running.settle()
        stored = (record.payload for record in self.running.stored(person))
        (found,) = (p for p in stored if isinstance(p, Involvement))
        return found.practitioner_ref or (found.team or "").removeprefix("class ")


@pytest.fixture
def files(outside: Outside, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Files]:
    """Give files of schools over an empty database, or of the source that is asked for."""
    source = getattr(request, "param", Source.SCHOOLS)
    with InProcess.running(outside) as running:
        yield Files(running, source, tmp_path)


EACH_SOURCE = pytest.mark.parametrize("files", [Source.SCHOOLS, Source.SOCIAL_CARE], indirect=True)


@EACH_SOURCE
def test_what_is_said_again_after_something_else_holds(files: Files):
    """On one day, within the hour; and read in again, none of the files changes anything."""
    person = files.permit()
    said = (("a", "3A", 0), ("b", "3B", 1), ("c", "3A", 2))

    for name, word, minute in said:
        assert files.read(name, word, minute) == "published"
        assert files.holds(person) == word

    for name, word, minute in reversed(said):
        assert files.read(name, word, minute) == "duplicate"
    assert files.holds(person) == "3A"


def test_file_that_is_saved_again_soon_says_nothing_new(files: Files):
    """Later it says that it holds still."""
    files.permit()
    files.read("a", "3A", 0)

    assert files.read("b", "3A", 59) == "duplicate"
    assert files.read("c", "3A", 180) == "published"


def test_of_files_of_one_moment_that_which_is_read_last_holds(files: Files):
    """Archives give whole seconds, and every second one at that."""
    person = files.permit()

    assert files.read("a", "3A", 0) == files.read("b", "3B", 0) == "published"
    assert files.holds(person) == "3B"
    assert files.read("a", "3A", 0) == files.read("b", "3B", 0) == "duplicate"
    assert files.holds(person) == "3B"


def test_file_that_comes_late_is_as_old_as_it_is(files: Files):
    """What was written after it stands."""
    person = files.permit()
    files.read("b", "3B", 1)

    files.read("a", "3A", 0)

    assert files.holds(person) == "3B"


def test_what_was_withheld_is_no_newer_when_it_is_permitted(files: Files):
    """Read again in whatever order, of the same moment too."""
    for name, word, minute in (("a", "3A", 0), ("b", "3B", 1), ("c", "3A", 2), ("d", "3B", 2)):
        assert files.read(name, word, minute) == "withheld"

    person = files.permit()

    assert files.holds(person) == "3B"
    assert files.running.count("file_to_reread") == 0


def test_what_was_parked_is_no_newer_when_it_is_read_again(files: Files):
    """It was taken all the same: what is said after it is news, and stands."""
    person = files.permit()
    files.read("a", "3A", 0)
    _park(files, "3B", minute=1)

    assert files.read("c", "3A", 2) == "published"
    assert _read_again(files) == ["published"]
    assert files.holds(person) == "3A"


def test_what_is_parked_twice_is_of_the_last_time(files: Files):
    """What was said in between is older."""
    person = files.permit()
    for minute, other in ((0, None), (2, "3A")):
        if other:
            files.read("b", other, 1)
        _park(files, "3B", minute=minute)

    assert _read_again(files) == ["published"]
    assert files.holds(person) == "3B"


def _park(files: Files, word: str, *, minute: int) -> None:
    """Take a good message that the mapper of the day cannot read."""
    at = NOW + minute * MINUTE
    (found,) = read_messages(files.source, BytesIO(files.content(word)), received_at=at)
    message = found.outcome
    assert isinstance(message, SourceMessage)
    assert message.undated is not None
    why = Unreadable("x", "missing", version=message.version, statement_of=message.undated.about)
    parked = Received(0, why, raw=found.raw)
    with unit_of_work(files.running.connectors) as work:
        publishing = work.publishing(files.source, FileRead(files.folder / "parked"))
        publish_if_permitted(PublishIfPermitted(files.source, [parked]), publishing=publishing)


def _read_again(files: Files) -> list[str]:
    outside = files.running.connectors
    done = replay([], outside=outside, key=outside.vault.secret(SecretName.PARKED))
    return [disposition.disposition.value for _, disposition in done]
