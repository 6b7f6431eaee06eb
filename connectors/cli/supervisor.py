"""Runs processes side by side, shows what they print, and leaves none of them behind."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

GRACE_SECONDS = 8.0
LINE = 2**20
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
COLOURS = (36, 33, 35, 32, 34)

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Supervisor:
    """A group of processes that live and die together.

    Each one leads a process group of its own, so that Ctrl-C in the terminal reaches only the supervisor, and
    that its own children are stopped with it. On Linux the kernel stops it even if the supervisor is killed.
    """

    def __init__(
        self,
        cwd: Path,
        environment: Mapping[str, str] | None = None,
        write: Callable[[str], None] | None = None,
    ):
        self._cwd = cwd
        self._environment = {**os.environ, **(environment or {}), "PYTHONUNBUFFERED": "1"}
        self._write = write or _write
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._readers: list[asyncio.Task[None]] = []

    async def start(self, name: str, command: str) -> asyncio.subprocess.Process:
        """Starts a shell command; its output appears line by line behind its name."""
        # A pipe of our own: asyncio's would hide the end of a process while its children still hold the pipe.
        output, write = os.pipe()
        try:
            process = await asyncio.create_subprocess_shell(
                command,
                cwd=self._cwd,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if _libc else None,
            )
        finally:
            os.close(write)
        self._readers.append(asyncio.create_task(self._relay(name, output, len(self._processes))))
        self._processes[name] = process
        return process

    async def first_exit(self) -> tuple[str, int]:
        """Waits until one of the processes ends; its name and exit code."""
        waiting = {asyncio.create_task(p.wait()): name for name, p in self._processes.items()}
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        ended = next(iter(done))
        return waiting[ended], ended.result()

    async def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Asks all to end, and kills what has not ended after ``grace`` seconds."""
        try:
            for process in self._processes.values():
                _signal_group(process, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await asyncio.gather(*(p.wait() for p in self._processes.values()))
        finally:
            for process in self._processes.values():
                _signal_group(process, signal.SIGKILL)
        await asyncio.gather(*(p.wait() for p in self._processes.values()))
        if self._readers:
            _, late = await asyncio.wait(self._readers, timeout=1)
            for reader in late:
                reader.cancel()

    async def _relay(self, name: str, output: int, number: int) -> None:
        label = _label(name, COLOURS[number % len(COLOURS)])
        reader = asyncio.StreamReader(limit=LINE)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(output, "rb")
        )
        try:
            while True:
                try:
                    line = await reader.readline()
                except ValueError:  # longer than LINE; the reader has dropped it
                    continue
                if not line:
                    return
                self._write(label + line.decode("utf-8", "replace").rstrip("\n"))
        finally:
            transport.close()


def _signal_group(process: asyncio.subprocess.Process, number: int) -> None:
    """Signals a process and all it started; a group whose leader ended may still have members."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _die_with_parent() -> None:
    assert _libc is not None
    _libc.prctl(_DIE_WITH_PARENT, signal.SIGTERM)


def _label(name: str, colour: int) -> str:
    text = f"{name:<4}│ "
    return f"\x1b[{colour}m{text}\x1b[0m" if sys.stdout.isatty() else text


def _write(line: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(line, flush=True)
