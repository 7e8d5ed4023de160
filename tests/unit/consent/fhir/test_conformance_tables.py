"""The published tables say what comes out today."""

import pytest

from tests.support.consents import ihe_pcf, segmentation
from tests.support.consents.conformance import FOLDER, TABLES

pytestmark = pytest.mark.skipif(
    not (ihe_pcf.exists() and segmentation.exists()),
    reason="the samples are not beside the project",
)


@pytest.mark.parametrize("name", TABLES)
def test_the_published_table_is_in_step(name: str):
    """Write it anew: `python -m tests.support.consents.conformance`; look at what changed."""
    assert (FOLDER / name).read_text("utf-8") == TABLES[name]()
