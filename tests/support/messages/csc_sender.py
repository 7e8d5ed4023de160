"""A sender as local authorities run it, written from what DOMAIN section 2.3.1 says of theirs.

It knows addresses and credentials and nothing else of who it speaks to. It takes anything but
success for a failure of the whole batch, and keeps what became of each child.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

_RETRIED = frozenset({401, 403, 429})
_TRIES = 3
_FIRST_WAIT = 5
_LONGEST_WAIT = 30


class Poster(Protocol):
    """What can be asked to post something somewhere."""

    def post(self, url: str, **more: Any) -> Any:
        """Post it."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What an authority writes into its sender's settings."""

    token_endpoint: str
    api_endpoint: str
    client_id: str
    client_secret: str
    scope: str
    la_code: str
    supplier_key: str
    batch_size: int = 100


@dataclass(slots=True)
class CscSender:
    """Sends payloads; `sent` and `failed` are what became of the children, by their number."""

    http: Poster
    settings: Configuration
    wait: Callable[[int], object] = lambda seconds: seconds
    sent: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def run(self, payloads: Sequence[dict[str, Any]]) -> None:
        """Send everything, a batch at a time, with one token."""
        headers = self._headers(self._token())
        size = self.settings.batch_size
        for start in range(0, len(payloads), size):
            self._send(payloads[start : start + size], headers)

    def _token(self) -> str:
        form = {
            "client_id": self.settings.client_id,
            "client_secret": self.settings.client_secret,
            "scope": self.settings.scope,
            "grant_type": "client_credentials",
        }
        answer = self.http.post(self.settings.token_endpoint, data=form)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def _headers(self, token: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "SupplierKey": self.settings.supplier_key,
        }

    def _send(self, batch: Sequence[dict[str, Any]], headers: dict[str, str]) -> None:
        address = f"{self.settings.api_endpoint}/children_social_care_data/{self.settings.la_code}"
        wait = _FIRST_WAIT
        for attempt in range(_TRIES):
            answer = self.http.post(
                f"{address}/children", content=json.dumps(batch), headers=headers
            )
            if answer.status_code == 200:
                self._take_receipts(batch, answer.json())
                return
            if answer.status_code not in _RETRIED or attempt == _TRIES - 1:
                self._fail(batch, answer.status_code, answer.text)
                return
            self.wait(wait)
            wait = min(_LONGEST_WAIT, wait * 2)

    def _take_receipts(self, batch: Sequence[dict[str, Any]], receipts: Any) -> None:
        if not isinstance(receipts, list) or len(receipts) != len(batch):
            self._fail(batch, 200, "as many receipts as children were expected")
            return
        for payload, receipt in zip(batch, receipts, strict=True):
            day, time, number = receipt.split("_")
            at = datetime.strptime(f"{day} {time}", "%Y-%m-%d %H:%M:%S.%f")  # noqa: DTZ007 - as sent
            self.sent[payload["la_child_id"]] = (at, number)
            self.failed.pop(payload["la_child_id"], None)

    def _fail(self, batch: Sequence[dict[str, Any]], status: int, detail: str) -> None:
        at_fault = set(re.findall(r"\[(\d+)\]", detail))
        for index, payload in enumerate(batch):
            why = "at fault" if str(index) in at_fault else "batch failed"
            self.failed[payload["la_child_id"]] = f"{status} {why}"
