"""Rules of every response and of who may ask: headers, limits, and addresses that are for the bot only."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from gateway_examples import Citizen, Client, Start, licence, parts_of, publish

from connectors.gateway import internal
from connectors.gateway.limits import Limits
from connectors.gateway.problems import Problem
from knowledge.settings import Settings

REQUIRED = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Permissions-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
)

REQUESTS: list[tuple[str, str, int]] = [
    ("GET", "/", 200),
    ("HEAD", "/", 200),
    ("GET", "/health", 200),
    ("GET", "/metrics", 200),
    ("GET", "/favicon.svg", 200),
    ("GET", "/manifest.webmanifest", 200),
    ("GET", "/api/v1/openapi.json", 200),
    ("POST", "/api/v1/conversations", 201),
    ("GET", "/api/v1/conversations", 405),
    ("TRACE", "/api/v1/conversations", 405),
    ("OPTIONS", "/api/v1/conversations", 405),
    ("GET", "/api/v1/conversations/" + "0" * 32, 401),
    ("POST", "/api/v1/conversations/" + "0" * 32 + "/messages", 401),
    ("GET", "/api/v1/conversations/" + "0" * 32 + "/stream", 400),
    ("GET", "/api/v1/conversations/nonsense", 404),
    ("GET", "/static/../../etc/passwd", 404),
    ("GET", "/static/%2e%2e/%2e%2e/pyproject.toml", 404),
    ("GET", "/no/such/thing", 404),
    ("GET", "/%00", 404),
    ("GET", "/%ff%fe", 404),
    ("POST", "/internal/actions/webhook", 400),
    ("GET", "/internal/actions/webhook", 405),
    ("PUT", "/", 405),
]


async def test_every_response_has_the_security_headers_errors_too(client: Client) -> None:
    for method, path, status in REQUESTS:
        async with client.request(method, path, allow_redirects=False) as response:
            assert response.status == status, (method, path)
            missing = [name for name in REQUIRED if name not in response.headers]
            assert missing == [], (method, path)
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            if status >= 400 and method != "HEAD":
                assert response.content_type == "application/problem+json", (method, path)
                found = json.loads(await response.text())
                assert found["status"] == status
                assert path.strip("/") not in found["detail"] or path == "/"


async def test_no_policy_lets_foreign_or_inline_code_run(client: Client) -> None:
    for _, path, _ in REQUESTS:
        async with client.get(path, allow_redirects=False) as response:
            policy = dict(
                (part.split()[0], part.split()[1:])
                for part in response.headers["Content-Security-Policy"].split(";")
            )
        scripts = policy.get("script-src", policy["default-src"])
        assert set(scripts) <= {"'self'", "'none'"}, path
        assert set(policy.get("object-src", policy["default-src"])) == {"'none'"}, path
        assert policy["frame-ancestors"] == ["'none'"]
        assert policy["base-uri"] == ["'none'"]


async def test_answers_of_the_api_are_not_cached(citizen: Citizen) -> None:
    for path in (citizen.path, "/health", "/api/v1/nothing"):
        async with citizen.client.get(path, headers=citizen.headers) as response:
            assert response.headers["Cache-Control"] == "no-store"


async def test_a_wrong_method_is_told_the_right_ones(client: Client) -> None:
    async with client.put("/api/v1/conversations") as response:
        assert response.status == 405
        assert "POST" in response.headers["Allow"]


# --- limits


async def test_a_conversation_that_asks_too_much_is_told_when_to_try_again(start: Start) -> None:
    client = await start(rate_per_minute=3)
    citizen, other = await Citizen(client).open(), await Citizen(client).open()
    for _ in range(3):
        await citizen.one("你好")
    async with client.post(
        f"{citizen.path}/messages", json={"text": "你好"}, headers=citizen.headers
    ) as response:
        assert response.status == 429
        assert 1 <= int(response.headers["Retry-After"]) <= 61
        assert response.content_type == "application/problem+json"
    await other.one("你好")
    protocols = ("suiwen.v1", f"token.{citizen.token}")
    async with client.ws_connect(f"{citizen.path}/stream", protocols=protocols) as socket:
        await socket.receive_json()
        await socket.send_json({"type": "message", "text": "你好"})
        assert (await socket.receive_json())["status"] == 429


async def test_an_address_that_asks_too_much_is_told_when_to_try_again(start: Start) -> None:
    client = await start(rate_per_address=3)
    answers = []
    for forwarded in ("1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"):
        headers = {"X-Forwarded-For": forwarded}
        async with client.post("/api/v1/conversations", headers=headers) as response:
            answers.append((response.status, "Retry-After" in response.headers))
    assert answers == [(201, False)] * 3 + [(429, True)]
    async with client.get("/health") as response:
        assert response.status == 200


async def test_wrong_tokens_count_for_the_address(start: Start) -> None:
    client = await start(rate_per_address=3)
    found = []
    for _ in range(5):
        path = "/api/v1/conversations/" + "0" * 32
        async with client.get(path, headers={"Authorization": "Bearer guess"}) as response:
            found.append(response.status)
    assert found == [404] * 3 + [429] * 2


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, None, "127.0.0.1"),
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6", "6.6.6.6"),
        (1, "evil, 6.6.6.6", "6.6.6.6"),
        (1, None, "127.0.0.1"),
        (1, " , ", "127.0.0.1"),
        (2, "evil, 6.6.6.6, 10.0.0.1", "6.6.6.6"),
        (2, "10.0.0.1", "127.0.0.1"),
    ],
)
def test_forwarded_addresses_are_believed_only_from_trusted_proxies(
    proxies: int, forwarded: str | None, expected: str
) -> None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert Limits(Settings(trusted_proxies=proxies)).address(_request(headers)) == expected


def _request(headers: dict[str, str], remote: str = "127.0.0.1") -> web.Request:
    return make_mocked_request("GET", "/", headers=headers).clone(remote=remote)


async def test_trusted_proxies_keep_citizens_apart(start: Start) -> None:
    client = await start(rate_per_address=2, trusted_proxies=1)
    for address in ("1.1.1.1", "2.2.2.2"):
        found = []
        for _ in range(3):
            async with client.post("/api/v1/conversations", headers={"X-Forwarded-For": address}) as response:
                found.append(response.status)
        assert found == [201, 201, 429]


def test_a_limit_counts_each_key_for_itself() -> None:
    limits = Limits(Settings(rate_per_minute=1))
    limits.check("conversation", "a")
    limits.check("conversation", "b")
    with pytest.raises(Problem) as refused:
        limits.check("conversation", "a")
    assert refused.value.status == 429


# --- what is for the bot only

INTERNAL = [("POST", "/internal/actions/webhook"), ("GET", "/internal/gazetteer")]
FORWARDED = [{"X-Forwarded-For": "1.2.3.4"}, {"Forwarded": "for=1.2.3.4"}, {"X-Forwarded-For": "127.0.0.1"}]


async def refused(client: Client, headers: Iterable[dict[str, str]], query: str = "") -> bool:
    found = []
    for method, path in INTERNAL:
        for given in headers:
            async with client.request(method, path + query, headers=given, json={}) as response:
                found.append((response.status, (await response.json(content_type=None))["detail"]))
    async with client.get("/no/such/thing") as response:
        nothing = (await response.json(content_type=None))["detail"]
    return all(one == (404, nothing) for one in found)


async def test_internal_addresses_refuse_forwarded_callers(client: Client) -> None:
    assert await refused(client, FORWARDED)


@pytest.mark.parametrize(
    "remote", ["8.8.8.8", "10.0.0.5", "192.168.1.2", "::2", "fe80::1%eth0", "", "unknown"]
)
def test_internal_addresses_refuse_callers_from_elsewhere(
    remote: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Problem):
        _authorise(remote, "", {}, monkeypatch)


@pytest.mark.parametrize("remote", ["127.0.0.1", "127.1.2.3", "::1"])
def test_internal_addresses_serve_callers_on_this_machine(
    remote: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _authorise(remote, "", {}, monkeypatch)


@pytest.mark.parametrize("given", ["wrong", "Bearer wrong", "Bearer ", "Bearer secreT", "secret ", ""])
def test_internal_addresses_refuse_wrong_tokens(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Problem):
        _authorise("127.0.0.1", "secret", {"Authorization": given}, monkeypatch)


def test_internal_addresses_serve_callers_with_the_token_from_anywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    headers = {"Authorization": "Bearer secret", "X-Forwarded-For": "1.2.3.4"}
    _authorise("10.0.0.5", "secret", headers, monkeypatch)


def _authorise(remote: str, token: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    class _Parts:
        settings = Settings(action_token=token)  # type: ignore[arg-type]

    monkeypatch.setattr(internal, "parts", lambda _: _Parts)
    internal.authorise(_request(headers, remote))


async def test_a_token_may_come_as_rasa_sends_it(start: Start) -> None:
    client = await start(action_token="secret")
    assert await refused(client, [{}, {"Authorization": "Bearer wrong"}])
    assert await refused(client, [{}], "?token=wrong")
    async with client.get("/internal/gazetteer?token=secret") as response:
        assert response.status == 200


async def test_a_token_with_broken_bytes_is_a_wrong_token(start: Start) -> None:
    url = (await start(action_token="secret")).make_url("/internal/gazetteer")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        b"GET /internal/gazetteer HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Authorization: Bearer \xff\r\n\r\n"
    )
    assert (await reader.read()).startswith(b"HTTP/1.1 404")
    writer.close()


async def test_the_action_webhook_refuses_what_is_no_call(client: Client) -> None:
    for raw, status in ((b"{", 400), (b"\xff", 400), (b"[]", 422), (b"null", 422), (b"[" * 100_000, 400)):
        async with client.post("/internal/actions/webhook", data=raw) as response:
            assert response.status == status, raw[:10]
    call: dict[str, Any] = {"next_action": "action_no_such", "tracker": {"sender_id": "x"}}
    async with client.post("/internal/actions/webhook", json=call) as response:
        assert response.status == 404
        assert (await response.json())["action_name"] == "action_no_such"


async def test_the_gazetteer_tells_the_names_once_for_each_version(client: Client) -> None:
    parts = parts_of(client)
    await publish(parts.database, licence())
    await parts.catalogue.refresh()
    async with client.get("/internal/gazetteer") as response:
        etag = response.headers["ETag"]
        entries = (await response.json())["entries"]
    assert {"entity": "service", "value": licence().code, "text": "驾照到期换证"} in entries
    async with client.get("/internal/gazetteer", headers={"If-None-Match": etag}) as response:
        assert response.status == 304
    await publish(parts.database, licence(aliases=("换驾驶证",)))
    await parts.catalogue.refresh()
    async with client.get("/internal/gazetteer", headers={"If-None-Match": etag}) as response:
        assert response.status == 200
        assert "换驾驶证" in await response.text()
