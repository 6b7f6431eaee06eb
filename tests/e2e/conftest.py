"""The running system: a real bot, a real app, a real browser, each on free ports with a data folder of its own."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

ROOT = Path(__file__).parents[2]
BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
MODEL = ROOT / "models" / "suiwen.tar.gz"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
START_SECONDS = 90.0


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class System:
    """The processes of one assistant, which a test may stop, freeze and start again."""

    folder: Path
    app_port: int = field(default_factory=free_port)
    bot_port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Address of the app."""
        return f"http://127.0.0.1:{self.app_port}"

    def environment(self) -> dict[str, str]:
        """Settings of both processes."""
        mine = {
            "SUIWEN_DATA_DIR": str(self.folder),
            "SUIWEN_HTTP_PORT": str(self.app_port),
            "SUIWEN_BOT_URL": f"http://127.0.0.1:{self.bot_port}",
            "RASA_TELEMETRY_ENABLED": "false",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SUIWEN_")}
        return kept | mine

    def command(self, *arguments: str) -> None:
        """Runs a suiwen command to its end."""
        line = [sys.executable, "-m", "connectors.cli.main", *arguments]
        subprocess.run(line, cwd=ROOT, env=self.environment(), check=True, capture_output=True)

    def start(self, name: str) -> None:
        """Starts the bot or the app."""
        line = {
            "bot": [str(BOT_PYTHON), "-m", "bot.serve"],
            "app": [sys.executable, "-m", "connectors.cli.main", "serve"],
        }[name]
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            line, cwd=ROOT, env=self.environment(), stdout=log, stderr=log, start_new_session=True
        )
        log.close()

    def signal(self, name: str, number: int) -> None:
        """Sends a signal to a process and its children."""
        os.killpg(self.processes[name].pid, number)

    def stop(self, name: str) -> None:
        """Ends a process at once."""
        process = self.processes.pop(name, None)
        if process is not None:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGCONT)
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    async def ready(self, status: str = "ok") -> None:
        """Waits until the health page says so."""
        until = time.monotonic() + START_SECONDS
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < until:
                try:
                    async with session.get(f"{self.url}/health") as answer:
                        if (await answer.json())["status"] == status:
                            return
                except (aiohttp.ClientError, OSError):
                    pass
                await asyncio.sleep(0.2)
        logs = {name: (self.folder / f"{name}.log").read_text()[-1500:] for name in self.processes}
        raise TimeoutError(f"not {status} after {START_SECONDS} s: {logs}")


@pytest.fixture(scope="session")
def system_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("system")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def system(system_folder: Path) -> AsyncIterator[System]:
    """An assistant with the seed, running."""
    if not MODEL.exists():
        pytest.fail("the model is not trained: run make train")
    found = System(system_folder)
    found.start("bot")
    found.command("db", "upgrade")
    found.command("import", "seed")
    found.start("app")
    await found.ready()
    yield found
    for name in list(found.processes):
        found.stop(name)


class Citizen:
    """A conversation over the HTTP API."""

    def __init__(self, session: aiohttp.ClientSession, url: str, identity: dict[str, str]):
        self.session, self.url, self.identity = session, url, identity

    @classmethod
    async def arrive(cls, session: aiohttp.ClientSession, url: str, language: str = "auto") -> "Citizen":
        async with session.post(f"{url}/api/v1/conversations", json={"language": language}) as answer:
            assert answer.status == 201
            return cls(session, url, await answer.json())

    async def say(self, text: str | None = None, payload: str | None = None) -> dict:  # type: ignore[type-arg]
        """The last reply to a message."""
        body = {"text": text} if text is not None else {"payload": payload}
        address = f"{self.url}/api/v1/conversations/{self.identity['id']}/messages"
        headers = {"Authorization": f"Bearer {self.identity['token']}"}
        async with self.session.post(address, json=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return dict((await answer.json())["replies"][-1])


@pytest_asyncio.fixture(loop_scope="session")
async def citizen(system: System) -> AsyncIterator[Citizen]:
    """Somebody who has just opened a conversation."""
    async with aiohttp.ClientSession() as session:
        yield await Citizen.arrive(session, system.url)
