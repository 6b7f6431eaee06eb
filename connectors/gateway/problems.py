"""Errors as ``application/problem+json`` (RFC 9457)."""

import json
from typing import Any

from aiohttp import web

TITLES = {
    400: "Bad request", 401: "Not authorised", 404: "Not found", 405: "Method not allowed", 409: "Conflict",
    413: "Too large", 415: "Not JSON", 422: "Cannot be processed", 429: "Too many requests",
    500: "Internal error", 503: "Not available",
}  # fmt: skip


UNEXPECTED = "Something went wrong here; it has been noted. Try again, or call 12345."


class Problem(Exception):
    """An error that the client is told. ``detail`` says what is wrong and what to do; it echoes no input."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None):
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or {}

    def body(self) -> dict[str, Any]:
        """The problem document."""
        title = TITLES.get(self.status, "Error")
        return {"type": "about:blank", "title": title, "status": self.status, "detail": self.detail}

    def response(self) -> web.Response:
        """The problem as an HTTP response."""
        return web.Response(
            text=json.dumps(self.body(), ensure_ascii=False),
            status=self.status,
            headers=self.headers,
            content_type="application/problem+json",
        )
