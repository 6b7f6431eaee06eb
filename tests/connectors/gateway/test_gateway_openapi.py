"""Rules of the HTTP API's document: it is valid, and the server does what it says whatever is sent."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from aiohttp.test_utils import TestClient, TestServer
from gateway_examples import Citizen, Client, FakeBot
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from connectors.gateway.app import create_app
from connectors.gateway.openapi import document
from knowledge.settings import Settings

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 25


@dataclass
class Running:
    """An app and its bot in a thread of their own, and a conversation in it."""

    url: str
    id: str
    token: str


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Running]:
    """An app that runs beside the tests, as schemathesis asks synchronously."""
    folder = tmp_path_factory.mktemp("openapi")
    shutil.copy(sqlite_template, folder / "suiwen.db")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    bot = FakeBot()

    async def begin() -> tuple[Client, Running]:
        bot_url = await bot.start()
        given = Settings(data_dir=folder, database_url="", bot_url=bot_url, action_token="")  # type: ignore[arg-type]
        client: Client = TestClient(TestServer(create_app(given)))
        await client.start_server()
        citizen = await Citizen(client).open()
        return client, Running(str(client.make_url("")).rstrip("/"), citizen.id, citizen.token)

    client, found = asyncio.run_coroutine_threadsafe(begin(), loop).result(30)
    yield found

    async def end() -> None:
        await client.close()
        await bot.stop()

    asyncio.run_coroutine_threadsafe(end(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


schema = schemathesis.openapi.from_dict(document())


def asking(case: schemathesis.Case, running: Running, **changes: Any) -> None:
    """Sends a case to the server and checks what came back against the document."""
    if "{id}" in case.path and changes.get("known"):
        case.path_parameters["id"] = running.id
    headers = {"Authorization": f"Bearer {running.token}"} if "{id}" in case.path else {}
    case.call_and_validate(base_url=running.url, headers=headers, checks=CHECKS, timeout=10)


quickly = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@schema.exclude(method="DELETE").parametrize()
@quickly
def test_the_server_does_what_the_document_says(case: schemathesis.Case, running: Running) -> None:
    asking(case, running, known=True)


@schema.parametrize()
@quickly
def test_the_server_does_what_the_document_says_of_unknown_conversations(
    case: schemathesis.Case, running: Running
) -> None:
    asking(case, running)


def test_the_document_is_valid() -> None:
    schema.validate()
    assert document()["openapi"] == "3.1.0"


async def test_the_document_is_served(client: Client) -> None:
    async with client.get("/api/v1/openapi.json") as response:
        assert response.status == 200
        assert await response.json() == document()


def test_every_reference_in_the_document_leads_somewhere() -> None:
    found = document()

    def walk(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for inner in part.values():
                yield from walk(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from walk(inner)

    for reference in set(walk(found)):
        target: Any = found
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def test_every_address_of_the_api_is_in_the_document() -> None:
    app = create_app(Settings(database_url="sqlite:///:memory:"))
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith(("/api/v1/conv", "/health"))
    }
    documented = {
        (method.upper(), path)
        for path, item in document()["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert {(method, path) for method, path in served if method != "HEAD"} == documented


def test_every_operation_says_what_it_does_and_has_a_problem_for_all_else() -> None:
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            assert operation["summary"], path
            assert operation["operationId"], path
            assert "default" in operation["responses"] or path == "/health"
