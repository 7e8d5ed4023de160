"""A FHIR message as plain nodes: what its XML and its JSON have in common, and nothing else.

A node is a dictionary. Under the name of each child element stand its occurrences, in order;
beside them, as text, the attributes that FHIR's XML has: `value` of a primitive, `url` of an
extension, `id` of an element. A resource is the only child of what holds it, under its type's
name. Narrative is left out. Source: FHIR STU3, XML and JSON representation of resources.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, TypeAlias

import orjson

from schemas.errors import UnreadableMessageError

Node: TypeAlias = dict[str, "str | list[Node]"]

FIELD: Final = "Bundle"
"""What a text that cannot be opened at all is called in a refusal."""

_DIGEST_CHARACTERS: Final = 16


def digest_of(nodes: Sequence[Node]) -> str:
    """The same for the same content, in XML or in JSON, whatever the order of JSON's names.

    Raises UnreadableMessageError for text that is none (half of a surrogate pair).
    """
    try:
        canonical = orjson.dumps(nodes, option=orjson.OPT_SORT_KEYS)
    except (TypeError, RecursionError) as error:
        raise UnreadableMessageError(field=FIELD, reason="not-text") from error
    return sha256(canonical).hexdigest()[:_DIGEST_CHARACTERS]
