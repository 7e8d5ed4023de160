"""The partner interfaces on a port of their own, for clients that are programs."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from services.interfaces.partners.app import create_partners_app
from services.interfaces.partners.edge import PartnerSettings
from services.interfaces.partners.work import partner_work
from tests.support.partners import PUBLIC_URL
from tests.support.partners_database import PartnersOnDatabase


@contextmanager
def served(partners: PartnersOnDatabase) -> Iterator[str]:
    """Serve the interfaces on a free port for a while; give the address."""
    app = create_partners_app(
        partner_work(partners.running.connectors), PartnerSettings(PUBLIC_URL)
    )
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        serving = Thread(target=server.run, kwargs={"sockets": [listening]})
        serving.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            serving.join()
