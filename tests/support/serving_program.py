"""An application that tells how it is served, behind the acceptor and workers of the real one."""

import argparse
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.platform.processes.acceptor import Acceptor, RestartWaits
from services.platform.processes.connections import serving_config
from services.platform.processes.forked import WorkerEnd
from services.platform.processes.threads import reading
from services.platform.processes.tls import tls_as_set
from services.platform.processes.worker import serve_passed
from services.platform.settings import Settings


def told_by(folder: Path) -> Starlette:
    """Every answer is given by a worker, which says who it is.

    In Starlette alone: with FastAPI each start would take a second longer.
    """

    def who(_: Request) -> JSONResponse:
        return JSONResponse(os.getpid())

    def when_there_is(request: Request) -> JSONResponse:
        name = request.path_params["name"]
        (folder / f"{name}.begun").touch()
        while not (folder / name).exists():
            time.sleep(0.01)
        return who(request)

    def descriptors(_: Request) -> JSONResponse:
        return JSONResponse(len(list(Path("/proc/self/fd").iterdir())))

    routes = [
        Route("/who", who),
        Route("/read", reading(who)),
        Route("/when-there-is/{name}", when_there_is),
        Route("/read/when-there-is/{name}", reading(when_there_is)),
        Route("/descriptors", descriptors),
        Route("/length", _length, methods=["POST"]),
        Route("/seen", _seen),
    ]
    return Starlette(routes=routes)


async def _length(request: Request) -> JSONResponse:
    count = 0
    async for some in request.stream():
        count += len(some)
    return JSONResponse(count)


async def _seen(request: Request) -> JSONResponse:
    client = request.client.host if request.client else None
    told = {
        "client": client,
        "scheme": request.url.scheme,
        "version": request.scope["http_version"],
    }
    return JSONResponse(told)


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
    parser.add_argument("--tls", type=Path, nargs=2, default=(None, None))
    parser.add_argument("--seconds-to-finish", type=float, default=RestartWaits().to_finish)
    told = parser.parse_args()
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    tls = tls_as_set(Settings(tls_certificate=told.tls[0], tls_key=told.tls[1]))
    serve = serve_passed(serving_config(told_by(told.folder)), end=lambda: None, tls=tls)
    if told.first_hangs:
        serve = _hanging_first(serve, told.folder / "hangs")
    if told.with_a_thread:
        Thread(target=time.sleep, args=(3600,), daemon=True).start()
    waits = RestartWaits(to_finish=told.seconds_to_finish)
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
