"""Checks of the machine: Pythons, environments, disk, memory and ports."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from connectors.cli.checks import Finding, ok, problem, warning
from connectors.cli.places import BOT_PYTHON, ROOT, bot_address, is_local
from knowledge.settings import Settings

LEAST_DISK_MB, GOOD_DISK_MB = 200, 1_000
LEAST_MEMORY_MB, GOOD_MEMORY_MB = 600, 1_500
NEEDED = (3, 12)
LISTEN = "0A"


def pythons() -> Iterator[Finding]:
    """The app needs Python 3.12 or newer, the bot exactly 3.10."""
    version = ".".join(map(str, sys.version_info[:3]))
    if tuple(sys.version_info) >= NEEDED:
        yield ok("python", f"the app runs on Python {version}")
    else:
        yield problem(
            "python", f"the app runs on Python {version}, it needs 3.12 or newer", "Run: make setup"
        )
    if not BOT_PYTHON.exists():
        yield problem("bot python", "the bot's environment is missing", "Run: make setup")
        return
    found = subprocess.run([BOT_PYTHON, "-V"], capture_output=True, text=True, check=False).stdout.strip()
    if found.startswith("Python 3.10."):
        yield ok("bot python", f"the bot runs on {found}")
    else:
        yield problem(
            "bot python",
            f"the bot has {found or 'no Python'}, Rasa needs 3.10",
            "Run: rm -r bot/.venv && make setup",
        )


def environments(root: Path = ROOT) -> Iterator[Finding]:
    """Both environments hold a copy of the lock that they were made from."""
    for name, folder in (("environment", root), ("bot environment", root / "bot")):
        lock, copy = folder / "uv.lock", folder / ".venv" / "uv.lock"
        if not (folder / ".venv").is_dir():
            yield problem(name, f"{folder / '.venv'} is missing", "Run: make setup")
        elif not copy.exists():
            yield warning(name, "it is not known from which lock it was made", "Run: make setup")
        elif copy.read_bytes() != lock.read_bytes():
            yield warning(name, "the lock has changed since it was made", "Run: make setup")
        else:
            yield ok(name, "in step with its lock")


def disk(settings: Settings) -> Iterator[Finding]:
    """Space where the data folder is, or will be."""
    place = next(
        p for p in (settings.data_dir.absolute(), *settings.data_dir.absolute().parents) if p.exists()
    )
    free = shutil.disk_usage(place).free // 2**20
    said = f"{free} MB free at {place}"
    if free < LEAST_DISK_MB:
        yield problem("disk", said, f"Free some: at least {LEAST_DISK_MB} MB are needed.")
    elif free < GOOD_DISK_MB:
        yield warning("disk", said, f"Free some: {GOOD_DISK_MB} MB are a good reserve.")
    else:
        yield ok("disk", said)


def memory(running: bool) -> Iterator[Finding]:
    """Memory for all processes, unless they run already."""
    free = available_memory_mb()
    if free is None:
        return
    said = f"{free} MB available"
    if running or free >= GOOD_MEMORY_MB:
        yield ok("memory", said)
    elif free < LEAST_MEMORY_MB:
        yield problem("memory", said, f"The assistant needs {LEAST_MEMORY_MB} MB; stop something else.")
    else:
        yield warning(
            "memory", said, f"{GOOD_MEMORY_MB} MB are comfortable; training the model takes the most."
        )


def available_memory_mb(meminfo: Path = Path("/proc/meminfo")) -> int | None:
    """Memory that can be had without swapping; None where the system does not tell."""
    try:
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
        return int(lines["MemAvailable"].split()[0]) // 1024
    except (OSError, KeyError, ValueError):
        return None


def ports(settings: Settings, app: bool, bot: bool) -> Iterator[Finding]:
    """Ports are free, or taken by the assistant itself (``app`` and ``bot``: whether these answer)."""
    host, port = bot_address(settings)
    wanted = [("port of the app", settings.http_host, settings.http_port, app, "SUIWEN_HTTP_PORT")]
    if is_local(host):
        wanted.append(("port of the bot", host, port, bot, "SUIWEN_BOT_URL"))
    for name, where, number, answers, variable in wanted:
        if answers:
            yield ok(name, f"{number}, in use by the assistant")
        elif not listens(where, number):
            yield ok(name, f"{number} is free")
        else:
            used = owner(number) or "another process"
            yield problem(
                name, f"{number} is taken by {used}", f"Stop it, or choose another with {variable}."
            )


def listens(host: str, port: int) -> bool:
    """Whether something accepts connections on a local port."""
    try:
        with socket.create_connection(("127.0.0.1" if host in ("", "0.0.0.0") else host, port), timeout=1):
            return True
    except OSError:
        return False


def owner(port: int, proc: Path = Path("/proc")) -> str:
    """Name and id of the process that listens on a port; empty if it cannot be seen."""
    wanted = f"socket:[{inode}]" if (inode := _inode(port, proc)) else None
    for process in proc.iterdir() if wanted else ():
        if not process.name.isdigit():
            continue
        try:
            if any(os.readlink(handle) == wanted for handle in (process / "fd").iterdir()):
                words = (process / "cmdline").read_bytes().split(b"\0")
                return f"{b' '.join(words).decode('utf-8', 'replace').strip()[:80]} (process {process.name})"
        except OSError:
            continue
    return ""


def _inode(port: int, proc: Path) -> str | None:
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTEN and int(fields[1].rsplit(":", 1)[1], 16) == port:
                return fields[9]
    return None
