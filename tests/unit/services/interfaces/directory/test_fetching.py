"""Where feeds may be fetched from."""

import pytest

from services.interfaces.directory.feeds.fetching import (
    FeedFailure,
    FeedUnreadableError,
    Fetching,
    is_open_internet,
    require_address,
)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "255.255.255.255",
        "224.0.0.1",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "localhost",
        "",
    ],
)
def test_no_address_of_ours_is_reached(address: str) -> None:
    """Nor one that has such an address inside."""
    assert not is_open_internet(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_the_open_internet_is(address: str) -> None:
    """Of both versions."""
    assert is_open_internet(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://exbury.example/o",
        "ftp://exbury.example/o",
        "https://user:word@exbury.example/o",
        "https://exbury.example/o?x=1",
        "https://exbury.example/o#x",
        "https://exbury.example:99999/o",
        "https:///o",
        "https://exbury.example/o\r\nX: y",
        "https://exbury.example\\@127.0.0.1/o",
        "https://exbüry.example/o",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_that_is_not_plainly_one_of_the_web_is_refused(url: str) -> None:
    """Before anything is looked up."""
    with pytest.raises(FeedUnreadableError) as refused:
        require_address(url)

    assert refused.value.failure is FeedFailure.ADDRESS


@pytest.mark.parametrize(
    ("found", "is_reached"),
    [
        (["93.184.216.34"], True),
        (["93.184.216.34", "10.0.0.1"], False),
        (["127.0.0.1"], False),
        ([], False),
    ],
)
def test_a_host_is_looked_up_once_and_all_its_addresses_count(
    found: list[str],
    is_reached: bool,  # noqa: FBT001
) -> None:
    """The one that was looked at is the one that is asked."""
    asked: list[str] = []

    def look(host: str, _: int) -> list[str]:
        asked.append(host)
        return found

    if is_reached:
        fetching = Fetching("https://exbury.example/o", look=look)
        assert fetching._address == "93.184.216.34"
    else:
        with pytest.raises(FeedUnreadableError):
            Fetching("https://exbury.example/o", look=look)
    assert asked == ["exbury.example"]
