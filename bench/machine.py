"""Time, memory, ports and child processes of a measurement."""

import asyncio
import os
import platform
import shlex
import socket
import statistics
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from connectors.cli.supervisor import Supervisor

TAIL = 40


class Clock:
    """How much of the time allowed is left."""

    def __init__(self, minutes: float):
        self._end = time.monotonic() + 60 * minutes

    @property
    def left(self) -> float:
        """Seconds left; less than zero when the time is over."""
        return self._end - time.monotonic()


class Processes:
    """Processes of one system: they end together and leave nothing behind. Their last lines are kept."""

    def __init__(self, cwd: Path, environment: Mapping[str, str]):
        self._lines: deque[str] = deque(maxlen=TAIL)
        self._supervisor = Supervisor(cwd, environment, self._lines.append)
        self._running: list[asyncio.subprocess.Process] = []

    async def start(self, name: str, command: Sequence[str | Path]) -> asyncio.subprocess.Process:
        """Starts a command."""
        process = await self._supervisor.start(name, "exec " + shlex.join(map(str, command)))
        self._running.append(process)
        return process

    async def run(self, name: str, command: Sequence[str | Path], longest: float) -> float:
        """Runs a command to its end; its seconds. Raises RuntimeError, TimeoutError."""
        begun = time.monotonic()
        try:
            process = await self.start(name, command)
            async with asyncio.timeout(longest):
                code = await process.wait()
        except TimeoutError:
            raise TimeoutError(f"{name} took longer than {longest:.0f} s") from None
        finally:
            await self.stop()
        if code:
            raise RuntimeError(f"{name} ended with code {code}:\n{self.tail}")
        return time.monotonic() - begun

    def insist(self) -> None:
        """Raises RuntimeError with the last lines if a process has ended."""
        for process in self._running:
            if process.returncode is not None:
                raise RuntimeError(f"a process ended with code {process.returncode}:\n{self.tail}")

    @property
    def tail(self) -> str:
        """The last lines that were printed."""
        return "\n".join(self._lines)

    def megabytes(self) -> float:
        """Resident memory of all processes and of all they started."""
        total = 0
        for process in self._running:
            try:
                root = psutil.Process(process.pid)
                total += sum(p.memory_info().rss for p in [root, *root.children(recursive=True)])
            except psutil.NoSuchProcess:
                continue
        return total / 2**20

    async def stop(self) -> None:
        """Ends all of them."""
        await self._supervisor.stop()
        self._running.clear()


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nothing uses."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies."""
    return float(np.quantile(np.asarray(values), share)) if values else float("nan")


def median(values: Sequence[float]) -> float:
    """The middle value; not a number if there is none."""
    return statistics.median(values) if values else float("nan")


def quiet(folder: Path) -> dict[str, str]:
    """Variables that keep what libraries write within a folder, and Rasa from reporting."""
    return {
        "TMPDIR": str(folder),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
        "RASA_CACHE_DIRECTORY": str(folder / "cache"),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONWARNINGS": "ignore",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def described() -> dict[str, Any]:
    """The machine, for the record."""
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": sys.version.split()[0],
        "load_before": round(os.getloadavg()[0], 2),
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
