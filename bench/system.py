"""What a system must be able to do to be measured."""

import asyncio
import json
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import aiohttp

from bench.machine import Processes, free_ports
from connectors.cli.places import BOT_PYTHON, ROOT

FIRST = "居住证怎么办理"
PAUSE = 0.05


class System(ABC):
    """A trained assistant that can be started, asked and stopped."""

    title: str

    def __init__(self, folder: Path):
        self.folder = folder
        self.model = folder / "models" / "model.tar.gz"
        self.ports = free_ports(2)
        self.processes: Processes | None = None
        self._session: aiohttp.ClientSession | None = None

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Variables of its processes."""

    @abstractmethod
    def home(self) -> Path:
        """The folder that its processes run in."""

    @abstractmethod
    async def train(self, longest: float) -> float:
        """Trains the model; its seconds."""

    @abstractmethod
    async def launch(self, processes: Processes) -> None:
        """Starts the processes of the assistant on its two ports."""

    @abstractmethod
    async def open(self) -> Any:
        """A new conversation."""

    @abstractmethod
    async def ask(self, conversation: Any, text: str) -> list[dict[str, Any]]:
        """The messages that answer a text; an empty list where there was no proper answer."""

    @property
    def session(self) -> aiohttp.ClientSession:
        """The client's session."""
        assert self._session is not None
        return self._session

    async def start(self, longest: float) -> float:
        """Starts it; the seconds until the first question was answered. Raises TimeoutError, RuntimeError."""
        self.ports = free_ports(2)
        self.processes = Processes(self.home(), self.environment())
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=64), timeout=aiohttp.ClientTimeout(total=30)
        )
        begun = time.monotonic()
        await self.launch(self.processes)
        try:
            async with asyncio.timeout(longest):
                while not await self._answers():
                    self.processes.insist()
                    await asyncio.sleep(PAUSE)
        except TimeoutError:
            raise TimeoutError(
                f"{self.title} gave no answer in {longest:.0f} s:\n{self.processes.tail}"
            ) from None
        return time.monotonic() - begun

    async def _answers(self) -> bool:
        try:
            return bool(await self.ask(await self.open(), FIRST))
        except (aiohttp.ClientError, OSError, KeyError, ValueError):
            return False

    def megabytes(self) -> float:
        """Resident memory of all its processes."""
        assert self.processes is not None
        return self.processes.megabytes()

    async def stop(self) -> None:
        """Ends all of its processes."""
        if self._session:
            await self._session.close()
        if self.processes:
            await self.processes.stop()
        self._session = self.processes = None


async def rasa_job(
    home: Path, environment: dict[str, str], folder: Path, job: dict[str, Any], longest: float
) -> dict[str, Any]:
    """Runs ``bench/rasa_job.py`` in the bot's environment, from a home; its result (see there)."""
    order, result = folder / "job.json", folder / "result.json"
    order.write_text(json.dumps(job, ensure_ascii=False), encoding="utf-8")
    command = [BOT_PYTHON, ROOT / "bench" / "rasa_job.py", order, result]
    await Processes(home, environment).run("rasa", command, longest)
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return found
