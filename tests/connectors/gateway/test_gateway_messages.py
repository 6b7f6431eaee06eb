"""Rules of messages: what is accepted, what is refused and how, what the bot is asked, and the language."""

import asyncio
import json
from typing import Any

import pytest
from gateway_examples import Citizen, FakeBot, Start, message, says
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import MAX_TEXT, Incoming
from connectors.gateway.conversations import State
from connectors.gateway.pipeline import Turn, clean, tell_language


def is_problem(status: int, headers: Any, body: str) -> bool:
    found = json.loads(body)
    return (
        400 <= status < 500
        and headers["Content-Type"].startswith("application/problem+json")
        and set(found) == {"type", "title", "status", "detail"}
        and found["status"] == status
        and bool(found["detail"])
    )


BODIES: dict[str, tuple[bytes, int]] = {
    "empty": (b"", 422),
    "no content": (b"{}", 422),
    "blank text": (b'{"text": " \\u3000\\n"}', 422),
    "empty text": (b'{"text": ""}', 422),
    "too long a text": (json.dumps({"text": "字" * (MAX_TEXT + 1)}).encode(), 422),
    "100 kB of text": (b'{"text": "' + b"a" * 100_000 + b'"}', 413),
    "100 kB of blanks": (b" " * 100_000, 413),
    "broken UTF-8": (b'{"text": "\xff\xfe"}', 400),
    "cut UTF-8": ('{"text": "穗'.encode()[:-1] + b'"}', 400),
    "GB18030": ('{"text": "穗问"}'.encode("gb18030"), 400),
    "UTF-16": ('{"text": "hello"}'.encode("utf-16"), 400),
    "a lone surrogate": (b'{"text": "\\ud800"}', 400),
    "a lone surrogate in a name": (b'{"\\udfff": 1}', 400),
    "not JSON": (b"text=hello", 400),
    "cut JSON": (b'{"text": "hello"', 400),
    "two documents": (b'{"text": "a"}{"text": "b"}', 400),
    "a raw NUL": (b'{"text": "a\x00b"}', 400),
    "only NULs": (b"\x00" * 20, 400),
    "a list": (b"[]", 422),
    "null": (b"null", 422),
    "a string": (b'"hello"', 422),
    "a number": (b"1", 422),
    "deep JSON": (b"[" * 8000 + b"]" * 8000, 400),
    "deep JSON in a field": (b'{"text": ' + b'{"a":' * 2000 + b"1" + b"}" * 2000 + b"}", 400),
    "text of a wrong type": (b'{"text": 5}', 422),
    "text is a list": (b'{"text": ["a"]}', 422),
    "text is a huge int": (b'{"text": ' + b"9" * 10_000 + b"}", 400),
    "a huge exponent": (b'{"location": {"latitude": 1e99999, "longitude": 1}}', 422),
    "a huge int as degree": (b'{"location": {"latitude": ' + b"9" * 5_000 + b', "longitude": 1}}', 400),
    "not a number": (b'{"location": {"latitude": NaN, "longitude": 1}}', 422),
    "infinity": (b'{"location": {"latitude": 1, "longitude": -Infinity}}', 422),
    "nowhere on earth": (b'{"location": {"latitude": 91, "longitude": 0}}', 422),
    "half a location": (b'{"location": {"latitude": 23}}', 422),
    "an unknown field": (b'{"text": "a", "admin": true}', 422),
    "text and payload": (b'{"text": "a", "payload": "/greet"}', 422),
    "text null": (b'{"text": null}', 422),
    "an id of a wrong type": (b'{"text": "a", "message_id": 1}', 422),
    "an empty id": (b'{"text": "a", "message_id": ""}', 422),
    "too long an id": (b'{"text": "a", "message_id": "' + b"x" * 65 + b'"}', 422),
    "an id with a blank": (b'{"text": "a", "message_id": "a b"}', 422),
    "an id in Chinese": ('{"text": "a", "message_id": "一"}'.encode(), 422),
    "a payload without a slash": (b'{"payload": "greet"}', 422),
    "a payload with more": (b'{"payload": "/greet please"}', 422),
    "a payload with broken JSON": (b'{"payload": "/choose{\\"service\\": }"}', 422),
    "a payload with a number": (b'{"payload": "/choose{\\"service\\": 5}"}', 422),
    "a payload with a list": (b'{"payload": "/choose{\\"service\\": [\\"a\\"]}"}', 422),
    "a payload with a long code": (b'{"payload": "/choose{\\"service\\": \\"' + b"x" * 81 + b'\\"}"}', 422),
    "a payload with control characters": (b'{"payload": "/choose{\\"service\\": \\"a\\\\u0000\\"}"}', 422),
    "a payload with a surrogate": (b'{"payload": "/choose{\\"service\\": \\"\\\\ud800\\"}"}', 422),
    "a payload that ends with a line": (b'{"payload": "/greet\\n"}', 422),
    "a payload that is Rasa's own": (b'{"payload": "/restart"}', 422),
    "a payload that starts a session": (b'{"payload": "/session_start"}', 422),
    "a payload of no intent": (b'{"payload": "/no_such_intent"}', 422),
    "too long a payload": (b'{"payload": "/choose{' + b"x" * 500 + b'}"}', 422),
}


async def test_a_bad_message_is_a_problem_and_never_reaches_the_bot(bot: FakeBot, citizen: Citizen) -> None:
    headers = citizen.headers | {"Content-Type": "application/json"}
    for name, (raw, expected) in BODIES.items():
        async with citizen.client.post(f"{citizen.path}/messages", data=raw, headers=headers) as response:
            body = await response.text()
            assert response.status == expected, (name, body)
            assert is_problem(response.status, response.headers, body), name
        assert bot.asked == [], name
    assert (await citizen.one("你好"))["outcome"] == "answered"


@pytest.mark.parametrize("path", ["", "/{id}", "/{id}/ratings"])
async def test_a_bad_body_of_any_request_is_a_problem(citizen: Citizen, path: str) -> None:
    method = "PATCH" if path == "/{id}" else "POST"
    url = "/api/v1/conversations" + path.replace("{id}", citizen.id)
    headers = citizen.headers | {"Content-Type": "application/json"}
    for raw in (
        b"[]", b"5", b"{", b"\xff", b'{"language": "fr"}', b'{"language": 5}', b'{"x": 1}',
        b'{"language": "\\ud800"}',
        b"[" * 9000, b'{"rating": ' + b"9" * 5000 + b"}",
        b'{"rating": 2, "trace_id": "0123456789abcdef"}', b" " * 20_000,
    ):  # fmt: skip
        async with citizen.client.request(method, url, data=raw, headers=headers) as response:
            assert is_problem(response.status, response.headers, await response.text()), raw[:40]


async def test_other_forms_of_body_are_refused(citizen: Citizen) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = citizen.headers | {"Content-Type": content_type}
        async with citizen.client.post(
            f"{citizen.path}/messages", data=b'{"text":"a"}', headers=headers
        ) as response:
            assert response.status == 415
            assert is_problem(response.status, response.headers, await response.text())


async def test_a_body_that_is_not_compressed_as_it_says_is_the_clients_fault(citizen: Citizen) -> None:
    url = citizen.client.make_url(f"{citizen.path}/messages")
    for encoding in ("gzip", "deflate", "br", "zstd", "no-such"):
        reader, writer = await asyncio.open_connection(url.host, url.port)
        head = f"POST {url.path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 10\r\n"
        head += f"Authorization: Bearer {citizen.token}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Encoding: {encoding}\r\n\r\n".encode() + b'{"text":5}')
        answer = await reader.read()
        writer.close()
        assert answer.split()[1].startswith(b"4"), (encoding, answer[:200])


async def test_a_large_body_is_refused_though_its_length_is_not_told(citizen: Citizen) -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b" " * 1024

    headers = citizen.headers | {"Content-Type": "application/json"}
    async with citizen.client.post(f"{citizen.path}/messages", data=chunks(), headers=headers) as response:
        assert response.status == 413


async def test_the_longest_text_is_answered(citizen: Citizen) -> None:
    assert (await citizen.one("字" * MAX_TEXT))["outcome"] == "answered"


TYPED = {
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    "'; DROP TABLE turn; --": "'; DROP TABLE turn; --",
    "😀🏳️‍🌈": "😀🏳️ 🌈",
    "/restart": "restart",
    '/choose{"service": "X-1"}': 'choose{"service": "X-1"}',
    "//greet": "greet",
    "/ /greet": "greet",
    " / / /greet": "greet",
    "/\t/\u3000/greet": "greet",
    "\u200b/greet": "greet",
    "/\u200b/greet": "greet",
    "\x00/greet\x07": "greet",
    "\u202e/greet": "greet",
    "/": "?",
    "\u200b\u200b": "?",
    "EXTERNAL: action": "EXTERNAL: action",
    "a/b": "a/b",
    "两行\n/greet": "两行\n/greet",
    "{title} {0} {}": "{title} {0} {}",
}


async def test_what_a_citizen_types_is_never_a_command_and_is_not_echoed(
    bot: FakeBot, citizen: Citizen
) -> None:
    bot.turn = says(message("utter_greet"))
    for typed, asked in TYPED.items():
        status, found = await citizen.post(text=typed)
        assert status == 200
        assert bot.asked[-1]["text"] == asked
        assert len(typed) < 3 or typed not in json.dumps(found["replies"], ensure_ascii=False)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(st.sampled_from("/ \t\n\u3000\x00\u200b\u2028\x85\ufeff\xa0{}a问"), max_size=12))
def test_no_typed_text_becomes_a_command(text: str) -> None:
    turn = Turn(Incoming(channel="web", address="x", text=text), State("x", "", "web"))
    clean(turn)
    assert turn.text
    assert turn.text == turn.text.strip()
    assert not turn.text.startswith("/")


async def test_a_button_and_a_location_reach_the_bot_as_intents(bot: FakeBot, citizen: Citizen) -> None:
    await citizen.post(payload='/choose{"service": "X-1"}')
    await citizen.post(location={"latitude": 23.12345678, "longitude": 113.26})
    assert [body["text"] for body in bot.asked] == [
        '/choose{"service": "X-1"}',
        '/ask_nearest_hall{"location": "23.1235,113.2600"}',
    ]
    assert [turn["said"] for turn in await citizen.history()] == ['/choose{"service": "X-1"}', "[location]"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("居住证怎么办", "zh-Hans"),
        ("居住證怎麼辦", "zh-Hant"),
        ("居住證點樣辦", "yue"),
        ("residence permit", "en"),
    ],
)
async def test_the_reply_is_in_the_language_of_the_message(
    citizen: Citizen, text: str, language: str
) -> None:
    assert (await citizen.one(text))["language"] == language


async def test_text_of_no_language_is_answered_in_the_one_before(citizen: Citizen) -> None:
    assert (await citizen.one("123"))["language"] == "zh-Hans"
    await citizen.one("how do I renew my licence")
    assert (await citizen.one("2"))["language"] == "en"
    assert (await citizen.one("😀"))["language"] == "en"


async def test_a_pinned_language_is_kept_whatever_is_typed(citizen: Citizen, bot: FakeBot) -> None:
    async with citizen.client.patch(
        citizen.path, json={"language": "en"}, headers=citizen.headers
    ) as response:
        assert response.status == 204
    assert (await citizen.one("居住证怎么办"))["language"] == "en"
    assert bot.asked[-1]["metadata"]["language"] == "en"
    async with citizen.client.patch(
        citizen.path, json={"language": "auto"}, headers=citizen.headers
    ) as response:
        assert response.status == 204
    assert (await citizen.one("居住证怎么办"))["language"] == "zh-Hans"


async def test_asking_for_a_language_in_words_pins_it(citizen: Citizen, bot: FakeBot) -> None:
    changed = message("utter_language_changed_yue", "yue", event="language_changed")
    changed["custom"]["language"] = "yue"
    bot.turn = says(changed)
    assert (await citizen.one("讲广东话"))["language"] == "yue"
    bot.turn = says(message("utter_greet", "yue"))
    assert (await citizen.one("你好"))["language"] == "yue"
    assert bot.asked[-1]["metadata"]["language"] == "yue"


async def test_a_pinned_language_survives_a_restart(start: Start) -> None:
    first = await start()
    citizen = await Citizen(first).open("zh-Hant")
    await first.close()
    citizen.client = await start()
    assert (await citizen.one("hello"))["language"] == "zh-Hant"


@pytest.mark.parametrize("pinned", ["zh-Hans", "zh-Hant", "yue", "en"])
def test_a_pinned_language_wins_over_every_text(pinned: str) -> None:
    for text in ("hello", "居住證", "居住证", "點樣", "1"):
        turn = Turn(Incoming(channel="web", address="x", text=text), State("x", "", "web", language=pinned))
        tell_language(turn)
        assert turn.language == pinned
