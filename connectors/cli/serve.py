"""``suiwen serve``: the app process."""

import asyncio
import errno
import logging
import os
from typing import Annotated

import typer

from connectors.cli.places import app_url
from connectors.cli.terminal import settings_or_stop, stop

GRACE_SECONDS = 5.0
LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default SUIWEN_HTTP_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default SUIWEN_HTTP_PORT.")] = None,
) -> None:
    """Run the app: web page, HTTP API and the actions that the bot calls."""
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(threads, "1")  # one question is too small a piece of work to be shared
    changes = {name: value for name, value in (("http_host", host), ("http_port", port)) if value is not None}
    settings = settings_or_stop().model_copy(update=changes)
    _insist_on_parts(settings.url)

    import uvloop
    from aiohttp import web

    from connectors.gateway.app import create_app

    logging.basicConfig(level=settings.log_level.upper(), format=LINE)
    logging.getLogger("rasa_sdk").setLevel(logging.WARNING)
    try:
        web.run_app(
            create_app(settings),
            host=settings.http_host,
            port=settings.http_port,
            access_log=None,
            print=None,
            shutdown_timeout=GRACE_SECONDS,
            loop=uvloop.new_event_loop(),
        )
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            raise
        stop(
            f"The app cannot listen on {app_url(settings)}: {error.strerror}.",
            "Stop what uses the port (suiwen doctor names it), or set SUIWEN_HTTP_PORT to a free one.",
        )


def _insist_on_parts(url: str) -> None:
    from connectors.cli.data import schema
    from knowledge.search import model

    if not model.FILE.exists():
        stop(
            f"The search model is missing: {model.FILE}",
            "It is kept in the repository; or run: make train-search",
        )
    try:
        current, head = asyncio.run(schema(url))
    except Exception as error:  # whatever the driver raises, the remedy is the same
        stop(f"The database cannot be reached: {error}", "Check SUIWEN_DATABASE_URL, or run: suiwen doctor")
    if current != head:
        stop(
            f"The database is at revision {current or 'none'}, this release needs {head}.",
            "Run: suiwen db upgrade",
        )
