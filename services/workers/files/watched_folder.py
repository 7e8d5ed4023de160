"""A folder into the connectors: what is finished is read, made durable, and only then put away.

Dying anywhere brings the same file again, which changes nothing: a message that is in is a
duplicate, one that was held back or parked is decided on as before.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from connectors.ports import Received, Unreadable
from connectors.publishing.batch import ref_of
from connectors.publishing.publish import (
    IndexedDisposition,
    PublishIfPermitted,
    publish_if_permitted,
)
from schemas.vocabulary import Disposition, Source
from services.bootstrap import Application, DatabaseRole
from services.intake.feeds.model import by_folder
from services.intake.parked.model import could_be_read
from services.intake.parked.postgres import ParkedMessages
from services.intake.postgres_kept_back import FileRead, remembered_files
from services.platform.errors import ServiceError
from services.platform.keys.vault import SecretName
from services.platform.logging import LogEvent, Logger, configure_logging
from services.platform.loops import Stopping, run_until_stopped
from services.profile.postgres_looks import note_answering, note_not_answering
from services.work import Outside, unit_of_work
from services.workers.consuming import showing_itself
from services.workers.files.done_folder import (
    DoneFolder,
    FinishedFiles,
    FolderUnavailableError,
    SeenFile,
)
from services.workers.files.failed_folder import (
    Failure,
    put_into_failed,
    tell_beside,
    tell_nothing_beside,
)
from services.workers.files.reading import ingest

_LOOK_EVERY = 2.0
_LONGEST_WAIT = 60.0
_PUT_OFF = 600.0
_NEVER = float("inf")


def run_watched_folder(application: Application, source: Source, folder: Path) -> int:
    """Read what is put into the folder, until stopped."""
    log = configure_logging("folder")
    stopping = Stopping()
    watched = _watched(application, source, folder, stopping.is_asked, log)
    settle = application.settings.folder_settle_seconds
    outside = application.outside(DatabaseRole.CONNECTORS)
    log.info(LogEvent.PROCESS_STARTED)
    with showing_itself(application, outside, log) as showing:
        run_until_stopped(
            showing.turning(watched.round),
            stopping=stopping,
            idle_wait=min(_LOOK_EVERY, settle / 2) or _LOOK_EVERY,
            log=log,
            hopeless_after=_NEVER,
            longest_wait=_LONGEST_WAIT,
        )
    log.info(LogEvent.PROCESS_STOPPED)
    return 0


def read_folder(application: Application, source: Source, folder: Path) -> int:
    """Read what is finished in the folder now, and no more; gives how many files were put away.

    Raises FolderUnavailableError, and ServiceUnavailableError when the database is away.
    """
    log = configure_logging("folder")
    watched = _watched(application, source, folder, lambda: False, log)
    taken = watched.round()
    for seconds in watched.files.waits():
        if watched.files.has_more:
            time.sleep(seconds)
            taken += watched.round()
    return taken


@dataclass(slots=True)
class WatchedFolder:
    """The rounds of one process through one folder; `seconds` count from anywhere."""

    source: Source
    folder: Path
    outside: Outside
    files: FinishedFiles
    is_stopping: Callable[[], bool]
    log: Logger
    seconds: Callable[[], float] = time.monotonic
    _put_off: dict[SeenFile, float] = field(default_factory=dict)
    _told_of: set[SeenFile] = field(default_factory=set)
    _is_answering: bool | None = None

    def round(self) -> int:
        """Read every file that is finished; gives how many were put away.

        Raises FolderUnavailableError after it is noted that the source does not answer.
        """
        try:
            done, finished = DoneFolder.below(self.folder), self.files.look()
            self._note(is_answering=True)
        except FolderUnavailableError:
            self._note(is_answering=False)
            raise
        return sum(self._take(seen, done) for seen in self._due(finished))

    def _due(self, finished: list[SeenFile]) -> Iterator[SeenFile]:
        """Those that have not been put off; whether to stop is asked before each."""
        now = self.seconds()
        self._put_off = {seen: at for seen, at in self._put_off.items() if seen in finished}
        for seen in finished:
            if self.is_stopping():
                return
            if self._put_off.get(seen, now) <= now:
                yield seen

    def _take(self, seen: SeenFile, done: DoneFolder) -> bool:
        """(1) Keep the file where it can be read again; (2) read it; (4) let go of its old name.

        Before that (3) what could not be read is told beside it. One that cannot be taken is told
        of and put off, and never stops the others.
        """
        try:
            kept = done.keep(seen)  # (1)
            rows = None if kept is None else self._read(kept)  # (2)
            if kept is None or rows is None:
                return False
            self._tell_beside(kept, rows)  # (3)
            done.let_go(seen)  # (4)
        except ServiceError:
            raise
        except Exception as error:  # noqa: BLE001 a door: told of, put off, and never lost
            self._put_off[seen] = self.seconds() + _PUT_OFF
            self.log.warning(LogEvent.FILE_FAILED, error=type(error).__name__)
            self._tell_of(seen, f"failed:{type(error).__name__}")
            return False
        self._tell_of_no_longer(seen)
        return True

    def _read(self, kept: Path) -> "_FileRead | None":
        """Read all of it; None when it is time to stop before its end: it is read again then."""
        read, came_by = _FileRead(), by_folder(self.folder)
        for row in ingest(self.source, [kept], outside=self.outside, came_by=came_by):
            read.add(row.message)
            if self.is_stopping():
                return None
        return read

    def _tell_beside(self, kept: Path, read: "_FileRead") -> None:
        """What is withheld is read again from where it is: such a file stays there."""
        if not read.failures:
            tell_nothing_beside(kept)
            return
        with unit_of_work(self.outside) as work:
            waits = kept in remembered_files(work.connection)
            at = work.now
        told = (kept, read.failures)
        tell_beside(*told, source=self.source, messages=read.messages, at=at)
        if read.nothing_could_be_read and not waits:
            put_into_failed(kept, self.folder)

    def _tell_of(self, seen: SeenFile, reason: str) -> None:
        """Park what stands for the file: where it is, and why it could not be taken."""
        with unit_of_work(self.outside) as work:
            publishing = work.publishing(self.source, FileRead(seen.path))
            command = PublishIfPermitted(self.source, [_notice_of(seen, reason)])
            publish_if_permitted(command, publishing=publishing)
        self._told_of.add(seen)

    def _tell_of_no_longer(self, seen: SeenFile) -> None:
        """What was told of the file is over: it has been taken."""
        if seen in self._told_of:
            ref = ref_of(self.source, _notice_of(seen, ""), self.outside.hasher)
            key = self.outside.vault.secret(SecretName.PARKED)
            with unit_of_work(self.outside) as work:
                ParkedMessages(work.connection, key).take(ref[:32])
            self._told_of.discard(seen)

    def _note(self, *, is_answering: bool) -> None:
        """Write it down when it changes, and the first time."""
        if self._is_answering == is_answering:
            return
        with unit_of_work(self.outside) as work:
            if is_answering:
                note_answering(work.connection, self.source)
            else:
                note_not_answering(work.connection, self.source, at=work.now)
        self._is_answering = is_answering


@dataclass(slots=True)
class _FileRead:
    """How many messages a file held, and which could not be read."""

    messages: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def nothing_could_be_read(self) -> bool:
        unread = [failure for failure in self.failures if not could_be_read(failure.why)]
        return len(unread) == self.messages

    def add(self, row: IndexedDisposition) -> None:
        self.messages += 1
        if row.disposition is Disposition.PARKED:
            self.failures.append(Failure(row.index, row.reason or ""))


def _notice_of(seen: SeenFile, reason: str) -> Received:
    where = str(seen.path).encode(errors="surrogateescape")
    return Received(0, Unreadable("file", reason), raw=lambda: where, origin=seen.path.name)


def _watched(
    application: Application,
    source: Source,
    folder: Path,
    is_stopping: Callable[[], bool],
    log: Logger,
) -> WatchedFolder:
    whole = folder.resolve()
    files = FinishedFiles(whole, application.settings.folder_settle_seconds)
    outside = application.outside(DatabaseRole.CONNECTORS)
    return WatchedFolder(source, whole, outside, files, is_stopping, log)
