"""Puts the app together: gateway, API, web page and action webhook in one aiohttp application."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any

from aiohttp import WSCloseCode, web

from actions.runtime import runtime
from connectors.contract import Incoming
from connectors.gateway import api, health, internal, openapi, security, stream
from connectors.gateway.bot import Bot
from connectors.gateway.conversations import Conversations, State
from connectors.gateway.limits import Limits
from connectors.gateway.parts import PARTS, Parts
from connectors.gateway.pipeline import Pipeline
from connectors.web import page
from knowledge.database import Database
from knowledge.search import encoder
from knowledge.search.catalogue import Catalogue
from knowledge.settings import Settings

log = logging.getLogger(__name__)

DRAIN_SECONDS = 3.0
NAMES_SECONDS = 20.0
"""Longest wait for the bot to have the names of the catalogue; without them it still answers."""
WARM_UP = ("居住证怎么办", "駕駛證到期點換", "how do I renew my passport", "要带什么材料")


def create_app(settings: Settings) -> web.Application:
    """The application for these settings; everything is opened when it starts."""
    app = web.Application(
        middlewares=[security.errors, security.address_limit], client_max_size=4 * 1024 * 1024
    )
    app[PARTS] = make_parts(settings)
    app[internal.EXECUTOR] = internal.executor()
    app.add_routes(
        [
            *api.routes(),
            *stream.routes(),
            *internal.routes(),
            *health.routes(),
            *openapi.routes(),
            *page.routes(),
        ]
    )
    app.on_response_prepare.append(security.add_headers)
    app.cleanup_ctx.append(running)
    app.on_shutdown.append(close_sockets)
    return app


def make_parts(settings: Settings) -> Parts:
    """The parts for these settings, not yet started."""
    database = Database(settings.url)
    catalogue = Catalogue(database)
    bot = Bot(settings.bot_url, settings.bot_deadline)
    conversations = Conversations(database, settings.conversation_days)
    runtime.catalogue = catalogue
    return Parts(
        settings, database, catalogue, bot, conversations, Pipeline(bot, conversations), Limits(settings)
    )


async def running(app: web.Application) -> AsyncIterator[None]:
    """Starts the background work and ends it again."""
    p = app[PARTS]
    work: list[Coroutine[Any, Any, None]] = [
        p.catalogue.watch(),
        p.conversations.write_for_ever(),
        p.conversations.purge_for_ever(),
        warm_up(p),
    ]
    tasks = [asyncio.create_task(job) for job in work]
    yield
    await p.conversations.drain(DRAIN_SECONDS)
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    await p.bot.close()
    await p.database.close()


async def warm_up(p: Parts) -> None:
    """Asks a few questions as soon as the bot answers, so that the first citizen does not wait for caches."""
    await asyncio.to_thread(encoder.warm_up)
    while not (p.catalogue.ready and await p.bot.alive()):  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    with suppress(TimeoutError):
        async with asyncio.timeout(NAMES_SECONDS):
            while not await p.bot.knows_names():  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    pipeline = Pipeline(p.bot, _Unkept(p.database))
    state = State("warm-up", "", "web")
    for text in WARM_UP:
        await pipeline.run(Incoming(channel="web", address="warm-up", text=text), state)
    p.warm = True
    log.info("ready")


class _Unkept(Conversations):
    """Conversations of which nothing is kept."""

    def record(self, state: State, turn: dict[str, Any]) -> None:
        """Keeps nothing."""


async def close_sockets(app: web.Application) -> None:
    """Tells open pages that the server goes away; they connect again."""
    for socket in list(app[PARTS].sockets):
        await socket.close(code=WSCloseCode.GOING_AWAY, message=b"restart")
