"""What is fetched of programs of Node.js is what their lists name, by hash."""

import re
from pathlib import Path

import pytest

from deploy.node_packages import (
    OIDC_PROVIDER,
    OPENAPI_TYPESCRIPT,
    NodeError,
    NodePackages,
    Package,
)

_HASH = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")


@pytest.mark.parametrize("one", [OIDC_PROVIDER, OPENAPI_TYPESCRIPT], ids=lambda one: one.name)
def test_each_archive_is_named_with_its_hash(one: NodePackages):
    """And one is the program itself."""
    found = one.packages()

    assert all(_HASH.fullmatch(each.integrity) for each in found)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", each.version) for each in found)
    assert (one.name,) in {each.place for each in found}
    assert len({each.place for each in found}) == len(found)


def test_what_one_alone_needs_lies_within_it():
    """As Node.js looks for it."""
    scoped = Package(("@koa/cors", "vary"), "1.1.2", "")

    assert scoped.wanted == "vary@1.1.2"
    assert scoped.folder == Path("@koa/cors/node_modules/vary")


def test_archive_of_another_hash_is_not_unpacked(tmp_path: Path):
    """Whatever it is called."""
    archives = tmp_path / "archives"
    archives.mkdir()
    (archives / "oidc-provider-9.13.3.tgz").write_bytes(b"another")

    with pytest.raises(NodeError, match="is another than"):
        OIDC_PROVIDER.unpack(archives, tmp_path / "node_modules")
