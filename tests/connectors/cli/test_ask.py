"""``suiwen ask`` against a stand-in for the API."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.connectors.cli.conftest import Run

SUGGESTED = {
    "text": "您要办的是哪一项？\x1b[31m",
    "outcome": "suggested",
    "language": "zh-Hans",
    "buttons": [],
    "event": None,
    "suggestions": [
        {"code": "T-1", "title": "居住证 [首次]", "department": "公安局", "payload": '/choose{"code":"T-1"}'}
    ],
    "citations": [],
}
ANSWERED = SUGGESTED | {
    "text": "居住证办理",
    "outcome": "answered",
    "suggestions": [],
    "citations": [
        {"kind": "service", "code": "T-1", "title": "居住证", "department": "公安局", "as_of": "2024-05-01",
         "revision": 3, "source_url": "https://example.org/1"},
    ],
}  # fmt: skip


class Api(BaseHTTPRequestHandler):
    """Makes conversations, suggests for a text, answers a payload, and notes what it was asked."""

    asked: list[tuple[str, str, Any]]
    refuse = False

    def log_message(self, *_: Any) -> None:
        """Keeps quiet."""

    def do_POST(self) -> None:
        """Conversations and messages."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(("POST", self.path, body))
        if self.path == "/api/v1/conversations":
            self.answer(201, {"id": "c1", "token": "t1"})
        elif self.refuse:
            self.answer(429, {"title": "Too many messages", "detail": "Slow down."}, {"Retry-After": "7"})
        else:
            assert self.headers["Authorization"] == "Bearer t1"
            self.answer(200, {"replies": [ANSWERED if "payload" in body else SUGGESTED], "trace_id": "x"})

    def do_DELETE(self) -> None:
        """Forgets a conversation."""
        self.asked.append(("DELETE", self.path, None))
        self.answer(204, None)

    def answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        """Sends JSON."""
        raw = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


@pytest.fixture
def api() -> Iterator[tuple[str, type[Api]]]:
    """The stand-in's address and class."""
    handler = type("Handler", (Api,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()


def test_a_suggestion_is_picked_by_its_number(suiwen: Run, api: tuple[str, type[Api]]) -> None:
    url, seen = api
    result = suiwen("ask", "--url", url, "居住证", "1")
    assert result.exit_code == 0, result.output
    assert seen.asked[2][2] == {"payload": SUGGESTED["suggestions"][0]["payload"]}
    assert "as of 2024-05-01" in result.output
    assert "https://example.org/1" in result.output


def test_a_conversation_is_forgotten_at_the_end(suiwen: Run, api: tuple[str, type[Api]]) -> None:
    url, seen = api
    suiwen("ask", "--url", url, "居住证")
    assert seen.asked[-1] == ("DELETE", "/api/v1/conversations/c1", None)


def test_replies_cannot_steer_the_terminal(suiwen: Run, api: tuple[str, type[Api]]) -> None:
    result = suiwen("ask", "--url", api[0], "居住证")
    assert "\x1b" not in result.output
    assert "居住证 [首次]" in result.output


def test_a_refusal_of_the_api_is_shown_in_its_words(suiwen: Run, api: tuple[str, type[Api]]) -> None:
    url, seen = api
    seen.refuse = True
    result = suiwen("ask", "--url", url, "居住证")
    assert result.exit_code == 1
    assert "Slow down." in result.output
    assert "Try again in 7 s" in result.output


def test_wait_is_content_with_a_healthy_page(suiwen: Run, api: tuple[str, type[Api]]) -> None:
    seen = api[1]
    seen.do_GET = lambda self: self.answer(200, {"status": "ok"})  # type: ignore[attr-defined]
    assert suiwen("wait", f"{api[0]}/health", "--timeout", "5").exit_code == 0
    seen.do_GET = lambda self: self.answer(200, {"status": "starting"})  # type: ignore[attr-defined]
    assert "starting" in suiwen("wait", f"{api[0]}/health", "--timeout", "0").output
