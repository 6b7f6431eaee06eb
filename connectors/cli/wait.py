"""``suiwen wait``: until the given addresses answer."""

import time
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from connectors.cli.http import Unreachable, request
from connectors.cli.terminal import stop

PAUSE = 0.1


def wait(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="Addresses that must answer.")],
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")] = 60.0,
) -> None:
    """Wait until all addresses answer with success; a health page must also say that all is well."""
    begun = time.monotonic()
    silent = until_ready(urls, timeout)
    if silent:
        stop("Not ready: " + ", ".join(f"{url} ({why})" for url, why in silent.items()))
    typer.echo(f"ready after {time.monotonic() - begun:.1f} s")


def until_ready(
    urls: Sequence[str], timeout: float, go_on: Callable[[], bool] = lambda: True
) -> dict[str, str]:
    """Polls for ``timeout`` seconds, or while ``go_on`` is true; what is not ready then, and why."""
    end = time.monotonic() + timeout
    left = dict.fromkeys(urls, "not asked yet")
    while True:
        left = {url: why for url in left if (why := trouble(url))}
        if not left or time.monotonic() >= end or not go_on():
            return left
        time.sleep(PAUSE)


def trouble(url: str) -> str:
    """Why an address is not ready; empty if it is."""
    try:
        answer = request("GET", url, timeout=3.0)
    except Unreachable as error:
        return str(error)
    state = answer.body.get("status") if isinstance(answer.body, dict) else None
    if isinstance(state, str) and state not in ("ok", "pass"):
        return state
    return "" if answer.ok else f"HTTP {answer.status}"
