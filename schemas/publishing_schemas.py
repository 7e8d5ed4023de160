"""Writes schemas/published from the models: python -m schemas.publishing_schemas."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas.asyncapi import asyncapi_document
from schemas.json_schemas import json_schemas

PUBLISHED = Path(__file__).parent / "published"
OPENAPI = "openapi-partners.json"
"""Lies beside them, and is made from the applications: python -m services.publishing_openapi."""


def documents() -> Mapping[str, str]:
    """The text of every published file by its name."""
    schemas = {
        f"{name}.json": json.dumps(schema, indent=2) + "\n"
        for name, schema in json_schemas().items()
    }
    return {**schemas, "asyncapi.yaml": "\n".join(yaml_lines(asyncapi_document())) + "\n"}


def yaml_lines(value: Any, indent: str = "") -> Iterator[str]:
    """A value as YAML 1.2 in block style; scalars stand as JSON, which YAML reads."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _under(f"{indent}{json.dumps(name)}:", inner, indent)
    elif isinstance(value, list):
        for inner in value:
            yield from _under(f"{indent}-", inner, indent)


def write(folder: Path) -> None:
    """Write every document, and take away what is published no longer."""
    made = documents()
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        if old.name not in made and old.name != OPENAPI:
            old.unlink()
    for name, text in made.items():
        (folder / name).write_text(text)


def _under(start: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping | list) and value:
        yield start
        yield from yaml_lines(value, indent + "  ")
    else:
        yield f"{start} {json.dumps(value)}"


if __name__ == "__main__":
    write(PUBLISHED)
