"""``suiwen run``: all processes of the Procfile on this machine, from preparation to the last farewell."""

import asyncio
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from connectors.cli import model, prepared
from connectors.cli.places import PROCFILE, ROOT, app_url, bot_address, is_local
from connectors.cli.supervisor import Supervisor
from connectors.cli.terminal import settings_or_stop, stop
from connectors.cli.wait import trouble

if TYPE_CHECKING:
    from knowledge.settings import Settings

PREPARE = (sys.executable, "-m", "connectors.cli.main", "db", "prepare")
PATIENCE = 120.0
PAUSE = 0.1


def run(
    patience: Annotated[
        float, typer.Option(help="Seconds after which a slow start is remarked on.")
    ] = PATIENCE,
) -> None:
    """Prepare the database, train the model if it is stale, start all processes, and stop them on Ctrl-C."""
    begun = time.monotonic()
    settings = settings_or_stop()
    commands = procfile(PROCFILE.read_text())
    _insist_on_free_ports(settings, commands)
    if model.stale():
        preparation = None if prepared.is_current(settings) else subprocess.Popen(PREPARE, cwd=ROOT)
        try:
            model.train(force=True)
        finally:
            if preparation and preparation.wait():
                raise typer.Exit(preparation.returncode)
    raise typer.Exit(asyncio.run(launch(settings, commands, begun, patience)))


def procfile(text: str) -> dict[str, str]:
    """The commands of a Procfile by name."""
    from honcho.environ import parse_procfile

    return dict(parse_procfile(text).processes)


async def launch(settings: "Settings", commands: dict[str, str], begun: float, patience: float) -> int:
    """Starts, watches and stops the processes; the exit code: 0 if it was asked to stop."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, asked.set)
    processes = Supervisor(ROOT)
    tasks = [
        asyncio.create_task(_work(processes, settings, commands, begun, patience)),
        asyncio.create_task(asked.wait()),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[1] in done:
            print("\nStopping.", flush=True)
            return 0
        return await tasks[0]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await processes.stop()


async def _work(
    processes: Supervisor, settings: "Settings", commands: dict[str, str], begun: float, patience: float
) -> int:
    """Starts the processes, the slowest first; returns when one of them ends, which none of them should."""
    waiting = dict(commands)
    if "bot" in waiting:  # it imports for seconds: long enough to prepare the database meanwhile
        await processes.start("bot", waiting.pop("bot"))
    if not prepared.is_current(settings):
        preparation = await asyncio.create_subprocess_exec(*PREPARE, cwd=ROOT)
        try:
            if code := await preparation.wait():
                return code
        finally:
            if preparation.returncode is None:
                preparation.terminate()
                await preparation.wait()
    for name, command in waiting.items():
        await processes.start(name, command)
    ready = asyncio.create_task(_announce(settings, begun, patience))
    try:
        name, code = await processes.first_exit()
    finally:
        ready.cancel()
        await asyncio.gather(ready, return_exceptions=True)
    print(f"{name} ended with code {code}; stopping the others.", file=sys.stderr, flush=True)
    return max(code, 1)


async def _announce(settings: "Settings", begun: float, patience: float) -> None:
    """Waits for the health page to say ok, then prints the addresses."""
    address = app_url(settings)
    remarked = False
    while reason := await asyncio.to_thread(trouble, f"{address}/health"):
        if not remarked and time.monotonic() - begun > patience:
            remarked = True
            print(f"Still not ready after {patience:.0f} s ({reason}). Try: suiwen doctor", flush=True)
        await asyncio.sleep(PAUSE)
    print(
        f"\nSuiwen 穗问 is ready after {time.monotonic() - begun:.1f} s.\n"
        f"  web page  {address}/\n  health    {address}/health\n  metrics   {address}/metrics\n"
        "  Ctrl-C stops it.\n",
        flush=True,
    )


def _insist_on_free_ports(settings: "Settings", commands: dict[str, str]) -> None:
    from connectors.cli.checks.machine import listens, owner

    wanted = [("SUIWEN_HTTP_PORT", settings.http_host, settings.http_port)]
    host, port = bot_address(settings)
    if "bot" in commands and is_local(host):
        wanted.append(("SUIWEN_BOT_URL", host, port))
    for variable, where, number in wanted:
        if listens(where, number):
            used = owner(number) or "another process"
            stop(f"Port {number} is taken by {used}.", f"Stop it, or choose another with {variable}.")
