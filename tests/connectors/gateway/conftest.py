"""Fixtures of the gateway's tests: an obedient bot, the app on a database of its own, and a citizen."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from gateway_examples import Citizen, Client, FakeBot, Start, eventually, parts_of

from actions.runtime import runtime
from connectors.gateway.app import create_app
from connectors.gateway.parts import Parts
from knowledge.settings import Settings


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SUIWEN_{name.upper()}", raising=False)
    monkeypatch.setattr(runtime, "catalogue", None)


@pytest.fixture
def warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets an app count as warm as soon as the catalogue is loaded."""

    async def at_once(found: Parts) -> None:
        while not found.catalogue.ready:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        found.warm = True

    monkeypatch.setattr("connectors.gateway.app.warm_up", at_once)


@pytest.fixture
async def bot() -> AsyncIterator[FakeBot]:
    """The bot; it greets until a test tells it otherwise."""
    found = FakeBot()
    yield found
    await found.stop()


@pytest.fixture
async def start(bot: FakeBot, warm_up: None, tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Start]:
    """Starts an app with these settings and gives a client of it; a second one shares the database."""
    clients: list[Client] = []
    file = tmp_path / "suiwen.db"
    shutil.copy(sqlite_template, file)
    bot_url = await bot.start()

    async def begin(**settings: Any) -> Client:
        given = {"data_dir": tmp_path, "bot_url": bot_url} | settings
        client: Client = TestClient(TestServer(create_app(Settings(**given))))
        clients.append(client)
        await client.start_server()
        await eventually(lambda: parts_of(client).warm, 20)
        bot.app = bot.app or str(client.make_url("")).rstrip("/")
        return client

    yield begin
    bot.end.set()
    for client in clients:
        await client.close()


@pytest.fixture
async def client(start: Start) -> Client:
    """A client of an app with the default settings."""
    return await start()


@pytest.fixture
def parts(client: Client) -> Parts:
    """The parts of the app."""
    return parts_of(client)


@pytest.fixture
async def citizen(client: Client) -> Citizen:
    """A citizen with an open conversation."""
    return await Citizen(client).open()
