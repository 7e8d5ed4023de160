"""The published tables say what comes out today."""

import pytest

from tests.support import ihe_pcf, segmentation
from tests.support.conformance import FOLDER, TABLES

pytestmark = pytest.mark.skipif(
    not (ihe_pcf.exists() and segmentation.exists()),
    reason="the samples are not beside the project",
)


@pytest.mark.parametrize("name", TABLES)
def test_the_published_table_is_in_step(name: str):
    """Write it anew with `python -m tests.support.conformance`, and look at what changed."""
    assert (FOLDER / name).read_text("utf-8") == TABLES[name]()
