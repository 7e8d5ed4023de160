"""Entity tags, and whether somebody has what they stand for (RFC 9110 sections 8.8.3, 13.1.2)."""

import re

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def strong_tag(text: str) -> str:
    """The tag of a representation, as a header holds it."""
    return f'"{text}"'


def has_it(if_none_match: str | None, tag: str) -> bool:
    """Whether a value of `If-None-Match` names this tag, by weak comparison."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return tag in _TAG.findall(if_none_match)
