"""Arrays in PostgreSQL's binary form arrive as what they are."""

import pytest
from sqlalchemy import Engine, text

from services.platform.database.engine import Blobs, Texts

pytestmark = pytest.mark.postgres

_TEXTS = ["", "a", None, 'quo"ted', "back\\slash", "{,}", "NULL", "Zoë 日本", " "]
_BLOBS = [b"", None, bytes(range(256)), b"\\x41", b"NULL"]


@pytest.mark.parametrize("texts", [_TEXTS, [], [None], ["x"] * 1000], ids=len)
def test_texts_come_back(engine: Engine, texts: list[str | None]):
    """Whatever would have to be quoted, nothing, and none at all."""
    with engine.connect() as connection:
        asked = connection.execute(text("SELECT CAST(:sent AS text[])"), {"sent": Texts(texts)})

        assert asked.scalar_one() == texts


@pytest.mark.parametrize("blobs", [_BLOBS, [], [None]], ids=len)
def test_blobs_come_back(engine: Engine, blobs: list[bytes | None]):
    """Every byte there is."""
    with engine.connect() as connection:
        asked = connection.execute(text("SELECT CAST(:sent AS bytea[])"), {"sent": Blobs(blobs)})

        assert [blob if blob is None else bytes(blob) for blob in asked.scalar_one()] == blobs
