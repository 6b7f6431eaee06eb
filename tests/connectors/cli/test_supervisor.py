"""The launcher leaves nothing behind, however it ends."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.cli.run import procfile
from connectors.cli.supervisor import Supervisor

PAUSE = 0.02
STUBBORN = "trap '' TERM; echo deaf; while :; do sleep 0.05; done"
WITH_CHILD = "sleep 60 & echo child $!; wait"


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Waits for a condition."""
    for _ in range(int(seconds / PAUSE)):
        if condition():
            return
        await asyncio.sleep(PAUSE)
    pytest.fail(f"not within {seconds} s")


async def test_output_appears_behind_the_name_of_its_process(tmp_path: Path) -> None:
    said: list[str] = []
    group = Supervisor(tmp_path, write=said.append)
    await group.start("bot", "echo hello; echo problem >&2")
    assert await group.first_exit() == ("bot", 0)
    await group.stop()
    assert [line.replace(" ", "") for line in said] == ["bot│hello", "bot│problem"]


async def test_the_first_to_end_is_reported_with_its_code(tmp_path: Path) -> None:
    group = Supervisor(tmp_path, write=lambda line: None)
    long = await group.start("app", "exec sleep 60")
    await group.start("bot", "exit 3")
    assert await group.first_exit() == ("bot", 3)
    await group.stop()
    assert not alive(long.pid)


async def test_a_process_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    said: list[str] = []
    group = Supervisor(tmp_path, write=said.append)
    process = await group.start("app", STUBBORN)
    await until(lambda: said)
    begun = time.monotonic()
    await group.stop(grace=0.2)
    assert time.monotonic() - begun < 3
    assert not alive(process.pid)


async def test_children_of_a_process_end_with_it(tmp_path: Path) -> None:
    said: list[str] = []
    group = Supervisor(tmp_path, write=said.append)
    await group.start("app", WITH_CHILD)
    await until(lambda: said)
    child = int(said[0].split()[-1])
    assert alive(child)
    await group.stop(grace=1)
    await until(lambda: not alive(child))


async def test_children_end_even_if_their_parent_was_killed_first(tmp_path: Path) -> None:
    said: list[str] = []
    group = Supervisor(tmp_path, write=said.append)
    parent = await group.start("app", WITH_CHILD)
    await until(lambda: said)
    child = int(said[0].split()[-1])
    os.kill(parent.pid, signal.SIGKILL)
    await group.first_exit()
    await group.stop(grace=1)
    await until(lambda: not alive(child))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a process to the life of its parent")
async def test_processes_end_even_if_the_launcher_is_killed(tmp_path: Path) -> None:
    code = """
import asyncio, pathlib
from connectors.cli.supervisor import Supervisor
async def main():
    group = Supervisor(pathlib.Path('.'))
    process = await group.start('app', 'exec sleep 60')
    print('pid', process.pid, flush=True)
    await group.first_exit()
asyncio.run(main())
"""
    launcher = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    assert launcher.stdout is not None
    pid = int((await launcher.stdout.readline()).split()[-1])
    assert alive(pid)
    launcher.kill()
    await launcher.wait()
    await until(lambda: not alive(pid))


async def test_a_line_of_any_length_does_not_stop_the_output(tmp_path: Path) -> None:
    said: list[str] = []
    group = Supervisor(tmp_path, write=said.append)
    await group.start("app", f"{sys.executable} -c \"print('x' * 3_000_000); print('after')\"")
    await group.first_exit()
    await group.stop()
    assert said[-1].endswith("after")


def test_the_procfile_names_the_processes() -> None:
    root = Path(__file__).parents[3]
    commands = procfile((root / "Procfile").read_text())
    assert list(commands) == ["bot", "app"]
    assert "bot.serve" in commands["bot"]
    assert "suiwen serve" in commands["app"]
