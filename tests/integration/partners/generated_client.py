"""Calls the partner interfaces with a client that was generated from the published document.

A program of its own, run by the Python that has what the client needs: address, client id and
secret come on standard input, and what was answered goes to standard output, as JSON.
"""

import json
import sys
from typing import Any

from tell_once_for_other_systems_client import (  # type: ignore[import-not-found] # generated
    AuthenticatedClient,
    Client,
    models,
)
from tell_once_for_other_systems_client.api import default  # type: ignore[import-not-found] # same


def main() -> None:
    """Ask for a token, send children, and read what became of them."""
    told = json.load(sys.stdin)
    anybody = Client(base_url=told["url"])
    asked = models.AskForTokenBody(
        grant_type=models.AskForTokenBodyGrantType.CLIENT_CREDENTIALS,
        client_id=told["client_id"],
        client_secret=told["secret"],
    )
    token = _api("ask_for_token").sync(client=anybody, body=asked).access_token
    partner = AuthenticatedClient(base_url=told["url"], token=token)
    children = [models.PushChildrenBodyItem.from_dict(child) for child in told["children"]]
    receipts = _api("push_children").sync("123", client=partner, body=children)
    listed = _api("list_dispositions").sync(client=partner)
    stranger = AuthenticatedClient(base_url=told["url"], token="nobody's")
    refused = _api("list_dispositions").sync(client=stranger)
    json.dump(
        {
            "receipts": receipts,
            "dispositions": [one.disposition for one in listed.dispositions],
            "refused": refused.title,
            "document": _api("describe_interfaces").sync(client=anybody).to_dict()["openapi"],
        },
        sys.stdout,
    )


def _api(operation: str) -> Any:
    return __import__(f"{default.__name__}.{operation}", fromlist=["sync"])


if __name__ == "__main__":
    main()
