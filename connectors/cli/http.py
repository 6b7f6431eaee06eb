"""The few HTTP requests that the commands make; plain standard library, so that they start at once."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Unreachable(Exception):
    """Nobody answered; the text says why."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; ``body`` is its JSON, or its text where it is none."""

    status: int
    body: Any
    retry_after: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the request was fulfilled."""
        return 200 <= self.status < 300


def request(
    method: str, url: str, *, json_body: Any = None, token: str = "", timeout: float = 10.0
) -> Answer:
    """Sends one request, past any proxy. Raises Unreachable without an answer in ``timeout`` seconds."""
    headers = {"Accept": "application/json"}
    data = None
    if json_body is not None:
        data = json.dumps(json_body).encode()
        headers["Content-Type"] = "application/json"
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        asked = urllib.request.Request(url, data=data, headers=headers, method=method)
        with _opener.open(asked, timeout=timeout) as answer:
            return _read(answer.status, answer.read(), answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return _read(error.code, error.read(), error.headers)
    except urllib.error.URLError as error:
        raise Unreachable(str(error.reason)) from error
    except (OSError, ValueError) as error:
        raise Unreachable(str(error) or type(error).__name__) from error


def _read(status: int, raw: bytes, headers: Any) -> Answer:
    text = raw.decode("utf-8", "replace")
    try:
        body: Any = json.loads(text) if text else None
    except ValueError:
        body = text
    return Answer(status, body, headers.get("Retry-After"))
