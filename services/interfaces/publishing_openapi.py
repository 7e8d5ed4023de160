"""Writes the OpenAPI documents of the machine interfaces, and of families' own data.

Run as `python -m services.interfaces.publishing_openapi`.
"""

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from schemas.publishing import FAMILY_OPENAPI, OPENAPI, PUBLISHED
from services.interfaces.access.app import create_access_app
from services.interfaces.access.authzen import SCHEMAS
from services.interfaces.families.app import create_families_app, family_schemas
from services.interfaces.family_door.looking.data import described
from services.interfaces.partners.app import create_partners_app
from services.interfaces.partners.described.openapi import openapi_document
from services.interfaces.partners.edge import PartnerSettings

_NOWHERE = "http://127.0.0.1:8000"


def document() -> dict[str, Any]:
    """The document, made from applications that are described and never called."""
    return openapi_document(_applications(), schemas=SCHEMAS | family_schemas())


def document_text() -> str:
    """The text of the published file."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def family_text() -> str:
    """The text of the published file of what families themselves may read as data."""
    return json.dumps(described(), indent=2, ensure_ascii=False) + "\n"


def write(folder: Path) -> None:
    """Write both."""
    (folder / OPENAPI).write_text(document_text())
    (folder / FAMILY_OPENAPI).write_text(family_text())


def _applications() -> list[FastAPI]:
    settings = PartnerSettings(_NOWHERE)
    return [
        create_partners_app(_never, settings),
        create_access_app(_never, admit=_never, base_url=_NOWHERE),
        create_families_app(_read_never()),
    ]


def _read_never() -> Any:
    return object()


def _never(*_: object) -> Any:
    raise NotImplementedError("this application is only described")


if __name__ == "__main__":
    write(PUBLISHED)
