"""Tell a request that another site made from one that our own pages or a plain client made."""

from urllib.parse import urlsplit

from starlette.requests import Request

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_PAGES = frozenset({"same-origin", "none"})


def is_cross_site(request: Request) -> bool:
    """Say whether the request would change something and comes from another site's page.

    Browsers say so in Sec-Fetch-Site (W3C Fetch Metadata) and in Origin; a plain client sends
    neither, and a browser cannot be made to leave both out.
    """
    if request.method in _SAFE_METHODS:
        return False
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None and fetch_site not in _OWN_PAGES:
        return True
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")
