"""Accepts connections on one port and shares them out evenly among workers that it forks.

Why it passes connections instead of sharing the port, and what was tried, stands in
deploy/decisions/2026-11-30-connections-are-passed.md. It waits on descriptors alone: a process
that nobody asks anything of never wakes.
"""

import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from services.platform.processes.forked import (
    HEARD,
    LEAVING,
    READY,
    ForkedWorker,
    Serve,
    fork_worker,
)
from services.platform.processes.supervisor import Patience

_AT_ONCE = 64
"""Connections accepted before words and signals are looked at again."""
_BACKLOG = 2048
_AGAIN_AFTER = 0.05
_GATHER = 1.0
_NO_TIME = float("inf")


@dataclass(frozen=True, slots=True)
class RestartWaits:
    """How long the acceptor waits, in seconds.

    A worker has `to_start` until it takes connections. On stopping, each has `to_finish` for what
    it is at; a little less than the supervisor's ten, who would kill all of us after that.
    `restarts` is the same patience as the supervisor's own.
    """

    to_start: float = 60.0
    to_finish: float = 9.5
    restarts: Patience = field(default_factory=Patience)


Died = Callable[[int], None]
"""Told the exit code of a worker that ended although nobody asked it to."""


class _WorkerPlace:
    """One of the N: its present worker, if it has one, and how its former ones fared."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.worker: ForkedWorker | None = None
        self.start_at = 0.0
        self.deaths = 0


class Acceptor:
    """Listens, forks, accepts and passes on; for the main thread of a process without others.

    A worker that dies is replaced, at first at once, then with longer and longer waits; what it
    was at is lost with it, and nothing else. One that leaves (SIGTERM to it alone) finishes what
    it has while its place is filled. All are killed when this process dies.
    """

    def __init__(
        self,
        listening: socket.socket,
        serve: Serve,
        *,
        workers: int,
        died: Died,
        waits: RestartWaits | None = None,
    ) -> None:
        """`listening` is bound and does not listen yet: nobody is let in before one can answer."""
        self._listening = listening
        self._serve = serve
        self._places = [_WorkerPlace(number) for number in range(workers)]
        self._finishing: list[ForkedWorker] = []
        self._died = died
        self._waits = waits or RestartWaits()
        self._selector = selectors.PollSelector()  # no state in the kernel that a fork would share
        self._woken, self._wakes = socket.socketpair()
        self._open_at = _NO_TIME
        self._is_open = self._is_watched = False
        self._accept_again_at = 0.0
        self._turn = 0
        self._held: socket.socket | None = None
        self._stop_signal: signal.Signals | None = None

    def run(self) -> signal.Signals:
        """Serve until SIGINT or SIGTERM; gives which, once all is answered or its time is over.

        A second one does not wait. Raises what stands in the way of forking at all.
        """
        before = self._hear_signals()
        try:
            while self._stop_signal is None:
                self._fill_places()
                self._listen_when_it_is_time()
                self._wait()
            self._finish()
        finally:
            self._kill_all()
            self._forget_signals(before)
        return self._stop_signal

    # Workers: started, heard, replaced.

    def _fill_places(self) -> None:
        now = time.monotonic()
        for place in self._places:
            if place.worker is None and now >= place.start_at:
                self._start(place, now)

    def _start(self, place: _WorkerPlace, now: float) -> None:
        try:
            worker = fork_worker(self._serve, now=now, let_go=self._let_go)
        except OSError:  # no room for another process: as if it had died
            self._note_death(place, now, since=now)
            return
        place.worker = worker
        self._selector.register(worker.control, selectors.EVENT_READ, worker)

    def _let_go(self) -> None:
        """In a worker: close what belongs to the acceptor, without a word to the kernel's poll."""
        for other in [*self._workers(), *self._finishing]:
            other.control.close()
        for ours in (self._listening, self._woken, self._wakes, self._held):
            if ours is not None:
                ours.close()

    def _hear(self, worker: ForkedWorker) -> None:
        words = worker.words()
        worker.is_ready = worker.is_ready or READY in words
        if words and LEAVING not in words:
            return
        # It means to leave, or it is gone: no more for it. Who leaves makes room at once.
        self._selector.unregister(worker.control)
        worker.leave(kill_at=time.monotonic() + self._waits.to_finish)
        for place in self._places:
            if place.worker is worker and words:
                place.worker = None
                self._finishing.append(worker)

    def _reap(self) -> None:
        """What has ended, by process id: nobody else's child is ever waited for."""
        now = time.monotonic()
        for worker in [*self._workers(), *self._finishing]:
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                self._bury(worker, os.waitstatus_to_exitcode(status), now)

    def _bury(self, worker: ForkedWorker, exit_code: int, now: float) -> None:
        with suppress(KeyError):
            self._selector.unregister(worker.control)
        worker.control.close()
        if worker in self._finishing:
            self._finishing.remove(worker)
            return
        for place in self._places:
            if place.worker is worker:
                place.worker = None
                if self._stop_signal is None:
                    self._note_death(place, now, since=worker.since)
                    self._died(exit_code)

    def _note_death(self, place: _WorkerPlace, now: float, *, since: float) -> None:
        patience = self._waits.restarts
        place.deaths = 1 if now - since >= patience.healthy_after else place.deaths + 1
        place.start_at = now + patience.wait_after(place.deaths)

    def _workers(self) -> list[ForkedWorker]:
        return [place.worker for place in self._places if place.worker is not None]

    # Waiting: on descriptors, and until whatever is due next.

    def _wait(self) -> None:
        self._accept_or_not()
        due = min(self._due()) - time.monotonic()
        for key, _ in self._selector.select(None if due == _NO_TIME else max(0.0, due)):
            if key.data is self._woken:
                self._hear_woken()
            elif key.data is self._listening:
                self._accept()
            else:
                self._hear(key.data)
        self._kill_overdue()

    def _due(self) -> list[float]:
        """When something is to be done although nothing was heard."""
        due = [place.start_at for place in self._places if place.worker is None]
        due += [w.since + self._waits.to_start for w in self._workers() if not w.is_ready]
        everybody = [*self._workers(), *self._finishing]
        due += [w.kill_at for w in everybody if w.kill_at is not None]
        if not self._is_open:
            due.append(self._open_at)
        elif self._accept_again_at > time.monotonic():
            due.append(self._accept_again_at)
        return [*due, _NO_TIME]

    def _kill_overdue(self) -> None:
        now = time.monotonic()
        for worker in self._workers():
            if not worker.is_ready and now >= worker.since + self._waits.to_start:
                worker.kill()
        for worker in [*self._workers(), *self._finishing]:
            if worker.kill_at is not None and now >= worker.kill_at:
                worker.kill()

    # Connections: accepted while somebody can take them, and passed to who has the fewest.

    def _listen_when_it_is_time(self) -> None:
        """Once all workers are ready, or a moment after the first: a hung one stops nobody."""
        if self._is_open:
            return
        workers, now = self._workers(), time.monotonic()
        if self._open_at == _NO_TIME and any(worker.is_ready for worker in workers):
            self._open_at = now + _GATHER
        is_whole = len(workers) == len(self._places) and all(one.is_ready for one in workers)
        if is_whole or now >= self._open_at:
            self._listening.listen(_BACKLOG)
            self._listening.setblocking(False)
            self._is_open = True

    def _accept_or_not(self) -> None:
        """Look at the port only while a connection could be passed on: else it waits there."""
        if self._held is not None and self._is_time_to_accept():
            self._pass_on(self._held)
        is_wanted = self._is_open and self._is_time_to_accept() and self._held is None
        if is_wanted and not self._is_watched:
            self._selector.register(self._listening, selectors.EVENT_READ, self._listening)
        elif self._is_watched and not is_wanted:
            self._selector.unregister(self._listening)
        self._is_watched = is_wanted

    def _is_time_to_accept(self) -> bool:
        return time.monotonic() >= self._accept_again_at and bool(self._takers())

    def _takers(self) -> list[ForkedWorker]:
        return [worker for worker in self._workers() if worker.is_ready and not worker.is_leaving]

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                connection, _address = self._listening.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError:  # no descriptors, no memory: what waits at the port may wait
                self._accept_again_at = time.monotonic() + _AGAIN_AFTER
                return
            self._pass_on(connection)
            if self._held is not None:
                return

    def _pass_on(self, connection: socket.socket) -> None:
        """To the worker with the fewest; of equals to the next in turn. Held if none takes it."""
        self._held = None
        count = len(self._places)
        takers = [p for p in self._places if p.worker in self._takers()]
        takers.sort(key=lambda p: (_open(p), (p.number - self._turn) % count))
        for place in takers:
            if place.worker is not None and place.worker.passes(connection):
                self._turn = place.number + 1
                return
        self._held = connection
        self._accept_again_at = time.monotonic() + _AGAIN_AFTER

    # Stopping.

    def _finish(self) -> None:
        """Take what stands at the port, then let all finish."""
        if self._is_open:
            if self._held is not None:
                self._pass_on(self._held)
            self._accept()
        self._listening.close()
        over = time.monotonic() + self._waits.to_finish
        for worker in self._workers():
            worker.leave(kill_at=over)
        self._finishing += self._workers()
        for place in self._places:
            place.worker, place.start_at = None, _NO_TIME
        for key in list(self._selector.get_map().values()):
            if key.data is not self._woken:
                self._selector.unregister(key.fileobj)
        self._is_open, self._is_watched, self._open_at = False, False, _NO_TIME
        asked = self._stop_signal
        self._stop_signal = None
        while self._finishing and self._stop_signal is None:
            self._wait()
        self._stop_signal = asked

    def _kill_all(self) -> None:
        for worker in [*self._workers(), *self._finishing]:
            worker.kill()
            os.waitpid(worker.pid, 0)
            worker.control.close()
        if self._held is not None:
            self._held.close()

    # Signals, as bytes to read: nothing of ours ever runs in the middle of something else.

    def _hear_signals(self) -> dict[signal.Signals, object]:
        for end in (self._woken, self._wakes):
            end.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, self._woken)
        before = {number: signal.signal(number, lambda *_: None) for number in HEARD}
        signal.set_wakeup_fd(self._wakes.fileno(), warn_on_full_buffer=False)
        return dict(before)

    def _hear_woken(self) -> None:
        for number in self._woken.recv(4096):
            if number == signal.SIGCHLD:
                self._reap()
            elif number in HEARD:
                self._stop_signal = signal.Signals(number)

    def _forget_signals(self, before: dict[signal.Signals, object]) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._selector.close()
        self._woken.close()
        self._wakes.close()


def _open(place: _WorkerPlace) -> int:
    return 0 if place.worker is None else place.worker.open
