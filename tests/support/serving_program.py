"""An application that tells how it is served, behind the acceptor and workers of the real one."""

import argparse
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from services.platform.processes.acceptor import Acceptor, Waits
from services.platform.processes.connections import serving_config
from services.platform.processes.forked import WorkerEnd
from services.platform.processes.threads import reading
from services.platform.processes.worker import serve_passed


def told_by(folder: Path) -> FastAPI:
    """Every answer is given by a worker, which says who it is."""
    app = FastAPI()

    @app.get("/who")
    def who() -> int:
        return os.getpid()

    @app.get("/when-there-is/{name}")
    def when_there_is(name: str) -> int:
        (folder / f"{name}.begun").touch()
        while not (folder / name).exists():
            time.sleep(0.01)
        return os.getpid()

    @app.post("/length")
    async def length(request: Request) -> PlainTextResponse:
        count = 0
        async for some in request.stream():
            count += len(some)
        return PlainTextResponse(str(count))

    @app.get("/seen")
    async def seen(request: Request) -> dict[str, object]:
        client = request.client.host if request.client else None
        return {
            "client": client,
            "scheme": request.url.scheme,
            "version": request.scope["http_version"],
        }

    @app.get("/descriptors")
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    @app.get("/read")
    @reading
    def read() -> int:
        return os.getpid()

    @app.get("/read/when-there-is/{name}")
    @reading
    def read_when_there_is(name: str) -> int:
        return when_there_is(name)

    return app


def _hanging_first(serve: Callable[[WorkerEnd], None], mark: Path) -> Callable[[WorkerEnd], None]:
    """The first worker of all never comes to take a connection."""

    def hang_or_serve(end: WorkerEnd) -> None:
        try:
            mark.touch(exist_ok=False)
        except FileExistsError:
            serve(end)
        else:
            time.sleep(3600)

    return hang_or_serve


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main() -> None:
    """Tell the port, and the exit code of whatever dies; end with the signal's name as an error."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--first-hangs", action="store_true")
    parser.add_argument("--with-a-thread", action="store_true")
    parser.add_argument("--seconds-to-finish", type=float, default=Waits().to_finish)
    told = parser.parse_args()
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    serve = serve_passed(serving_config(told_by(told.folder)), end=lambda: None)
    if told.first_hangs:
        serve = _hanging_first(serve, told.folder / "hangs")
    if told.with_a_thread:
        Thread(target=time.sleep, args=(3600,), daemon=True).start()
    waits = Waits(to_finish=told.seconds_to_finish)
    acceptor = Acceptor(
        listening,
        serve,
        workers=told.workers,
        died=_tell,
        waits=waits,
    )
    _tell(listening.getsockname()[1])
    sys.exit(acceptor.run().name)


if __name__ == "__main__":
    main()
