"""A read that takes its turn is an endpoint like any other."""

from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from starlette.testclient import TestClient

from services.platform.processes.threads import reading


def test_an_endpoint_that_reads_keeps_its_parameters_and_its_answer():
    """FastAPI sees the path, the query and the dependencies of the function underneath."""
    app = FastAPI()

    @app.get("/families/{family}")
    @reading
    def read(family: str, most: int, who: Annotated[str, Depends(lambda: "nurse")]) -> list[object]:
        return [family, most, who]

    with TestClient(app) as client:
        answer = client.get("/families/one?most=2")
        refused = client.get("/families/one?most=many")

    assert answer.json() == ["one", 2, "nurse"]
    assert refused.status_code == 422


def test_what_a_read_raises_reaches_the_application():
    """It is answered as it is for every other endpoint."""
    app = FastAPI()

    @app.get("/")
    @reading
    def read() -> None:
        raise HTTPException(status_code=404)

    with TestClient(app) as client:
        assert client.get("/").status_code == 404
