"""``suiwen run`` with small stand-ins for bot and app."""

import asyncio
import os
import signal
import socket
import sys

import pytest

from connectors.cli import prepared, run
from knowledge.settings import Settings

APP = (
    'exec {python} -c "'
    "import http.server as h\n"
    "class H(h.BaseHTTPRequestHandler):\n"
    "    def do_GET(self): self.send_response(200); self.end_headers()\n"
    "    def log_message(self, *a): pass\n"
    "h.HTTPServer(('127.0.0.1', {port}), H).serve_forever()\""
)


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is to be prepared."""
    monkeypatch.setattr(prepared, "is_current", lambda settings: True)


def free_port() -> int:
    """A port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.usefixtures("ready")
async def test_it_announces_readiness_and_stops_all_on_request(capfd: pytest.CaptureFixture[str]) -> None:
    settings = Settings(http_port=free_port())
    commands = {
        "bot": "echo bot $$; exec sleep 60",
        "app": APP.format(python=sys.executable, port=settings.http_port),
    }
    task = asyncio.create_task(run.launch(settings, commands, 0.0, 60.0))
    said = ""
    async with asyncio.timeout(20):
        while "is ready" not in said:
            await asyncio.sleep(0.05)
            said += capfd.readouterr().out
    assert f"http://127.0.0.1:{settings.http_port}/" in said
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(task, 10) == 0
    bot = int(said.split("bot │ bot ")[1].split()[0])
    with pytest.raises(ProcessLookupError):
        os.kill(bot, 0)


@pytest.mark.usefixtures("ready")
async def test_one_process_that_ends_stops_the_others(capfd: pytest.CaptureFixture[str]) -> None:
    settings = Settings(http_port=free_port())
    commands = {"bot": "exec sleep 60", "app": "exit 4"}
    assert await asyncio.wait_for(run.launch(settings, commands, 0.0, 60.0), 10) == 4
    assert "app ended with code 4" in capfd.readouterr().err


async def test_an_app_is_not_started_on_a_database_that_cannot_be_prepared(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prepared, "is_current", lambda settings: False)
    monkeypatch.setattr(run, "PREPARE", (sys.executable, "-c", "raise SystemExit(7)"))
    commands = {"bot": "exec sleep 60", "app": "echo app started; exec sleep 60"}
    assert await asyncio.wait_for(run.launch(Settings(http_port=free_port()), commands, 0.0, 60.0), 10) == 7
    assert "app started" not in capfd.readouterr().out
