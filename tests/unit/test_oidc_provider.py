"""What is fetched of oidc-provider is what its list names, by hash."""

import re
from pathlib import Path

import pytest

from deploy import oidc_provider
from deploy.oidc_provider import Package, ProviderError, packages

_HASH = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")


def test_each_archive_is_named_with_its_hash():
    """And one is the provider itself."""
    found = packages()

    assert all(_HASH.fullmatch(one.integrity) for one in found)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", one.version) for one in found)
    assert ("oidc-provider",) in {one.place for one in found}
    assert len({one.place for one in found}) == len(found)


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

    with pytest.raises(ProviderError, match="is another than"):
        oidc_provider._unpack(archives, tmp_path / "node_modules")
