"""Names are found as the database has them at this moment, at no noticeable cost."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from knowledge.text.script import fold
from nlu.components.gazetteer import Feed, Names

MANY = 20_000


def entry(entity: str, value: str, text: str) -> dict[str, str]:
    return {"entity": entity, "value": value, "text": fold(text)}


ENTRIES = [
    entry("service", "S1", "居住证"),
    entry("service", "S2", "港澳居民居住证"),
    entry("service", "S3", "residence permit"),
    entry("place", "440106", "天河区"),
    entry("place", "440106", "天河"),
    entry("department", "D1", "广州市公安局"),
    entry("department", "D2", "gz psb"),
    entry("office", "O1", "天河区政务服务中心"),
]


@pytest.fixture
def names() -> Names:
    found = Names()
    found.replace(ENTRIES)
    return found


def values(names: Names, text: str) -> list[str]:
    return [found["value"] for found in names.find(fold(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("我想办居住证", ["S1"]),
        ("居住證點樣申請", ["S1"]),  # traditional script
        ("How do I get a Residence Permit?", ["S3"]),
        ("ｒｅｓｉｄｅｎｃｅ　ｐｅｒｍｉｔ", ["S3"]),  # full width
        ("天河区能办吗", ["440106"]),
        ("天河能办吗", ["440106"]),
        ("我住天河區", ["440106"]),
        ("天河的居住证", ["440106", "S1"]),
        ("今天河水很清", ["440106"]),  # a name is found wherever it stands: actions weigh it
        ("护照", []),
        ("", []),
    ],
)
def test_names_are_found_in_any_script(names: Names, text: str, found: list[str]) -> None:
    assert values(names, text) == found


def test_the_longest_name_wins(names: Names) -> None:
    assert values(names, "港澳居民居住证要带什么") == ["S2"]
    assert values(names, "天河区政务服务中心几点开门") == ["O1"]


def test_a_latin_name_is_found_as_a_whole_word_only(names: Names) -> None:
    assert values(names, "call gz psb now") == ["D2"]
    assert values(names, "call xgz psb now") == []
    assert values(names, "call gz psbs now") == []
    assert values(names, "打gz psb电话") == ["D2"]


def test_positions_are_those_of_the_folded_text(names: Names) -> None:
    found = names.find("我想办居住证")[0]
    assert (found["entity"], found["start"], found["end"]) == ("service", 3, 6)


def test_names_that_two_records_share_give_both(names: Names) -> None:
    names.replace([entry("service", "A", "公证"), entry("department", "B", "公证")])
    assert values(names, "公证") == ["A", "B"]


def test_names_are_replaced_as_a_whole(names: Names) -> None:
    names.replace([entry("service", "S9", "护照")])
    assert values(names, "护照和居住证") == ["S9"]
    names.replace(ENTRIES)
    assert values(names, "护照和居住证") == ["S1"]


def test_a_name_that_is_gone_does_not_hide_a_shorter_one(names: Names) -> None:
    names.replace([entry("service", "S1", "居住证")])
    assert values(names, "港澳居民居住证") == ["S1"]


def test_names_that_are_gone_do_not_pile_up() -> None:
    names = Names()
    for batch in range(8):
        names.replace([entry("service", str(n), f"第{batch}批第{n}号") for n in range(400)])
    assert len(names._known) < 2500
    assert values(names, "第7批第3号") == ["3"]


def test_without_names_nothing_is_found() -> None:
    assert Names().find("居住证") == []


class App(BaseHTTPRequestHandler):
    """The app's gazetteer: one list, its ETag, and whether it is in trouble."""

    entries: ClassVar[list[dict[str, str]]] = []
    etag = '"1"'
    status = 200
    body: bytes | None = None
    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        type(self).asked.append(self.headers.get("If-None-Match"))
        status = 304 if self.headers.get("If-None-Match") == self.etag else self.status
        self.send_response(status)
        self.send_header("ETag", self.etag)
        self.end_headers()
        if status == 200:
            self.wfile.write(
                self.body if self.body is not None else json.dumps({"entries": self.entries}).encode()
            )

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def app() -> Iterator[tuple[type[App], str]]:
    handler = type("App", (App,), {"entries": ENTRIES, "asked": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield handler, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_the_feed_asks_for_changes_only(app: tuple[type[App], str]) -> None:
    handler, url = app
    names = Names()
    feed = Feed(url, 1, names)
    assert feed.poll() is True
    assert feed.poll() is False
    assert handler.asked == [None, '"1"']
    handler.etag, handler.entries = '"2"', [entry("service", "NEW", "新服务")]
    assert feed.poll() is True
    assert values(names, "新服务和居住证") == ["NEW"]


@pytest.mark.parametrize(
    ("status", "body"),
    [(503, None), (500, None), (200, b"not json"), (200, b"{}"), (200, b'{"entries": [1]}')],
)
def test_an_app_in_trouble_leaves_the_last_names(
    app: tuple[type[App], str], status: int, body: bytes | None
) -> None:
    handler, url = app
    names = Names()
    feed = Feed(url, 1, names)
    feed.poll()
    handler.etag, handler.status, handler.body = '"2"', status, body
    assert feed.poll() is False
    assert values(names, "居住证") == ["S1"]
    handler.status, handler.body, handler.entries = 200, None, [entry("service", "S9", "护照")]
    assert feed.poll() is True
    assert values(names, "护照") == ["S9"]


def test_an_app_that_is_down_leaves_the_last_names(app: tuple[type[App], str]) -> None:
    _, url = app
    names = Names()
    feed = Feed(url, 1, names)
    feed.poll()
    feed._url = "http://127.0.0.1:9/"
    assert feed.poll() is False
    assert values(names, "居住证") == ["S1"]


@pytest.fixture(scope="module")
def many() -> list[dict[str, str]]:
    chance = random.Random(7)
    letters = "天河越秀海珠荔湾白云黄埔花都番禺南沙从化增城街道政务服务中心营业执照办理许可登记变更注销公积金"
    chinese = ["".join(chance.choices(letters, k=chance.randint(5, 18))) for _ in range(MANY * 3 // 4)]
    english = [f"service number {n} of the city" for n in range(MANY - len(chinese))]
    return [entry("service", str(n), text) for n, text in enumerate(chinese + english)]


def test_twenty_thousand_names_cost_a_message_less_than_a_millisecond(many: list[dict[str, str]]) -> None:
    names = Names()
    names.replace(many)
    text = fold("我想问一下，在天河区政务服务中心怎么办理营业执照变更登记，要带什么材料，收不收费呢？")
    begun = time.perf_counter()
    for _ in range(200):
        names.find(text)
    assert (time.perf_counter() - begun) / 200 < 0.001


def test_replacing_twenty_thousand_names_does_not_hold_up_messages(many: list[dict[str, str]]) -> None:
    names = Names()
    names.replace(ENTRIES)
    replacing = threading.Thread(target=names.replace, args=(many,))
    begun = time.perf_counter()
    replacing.start()
    waits = []
    while replacing.is_alive():
        asked = time.perf_counter()
        assert values(names, "居住证") in (["S1"], [])
        waits.append(time.perf_counter() - asked)
        time.sleep(0.005)
    took = time.perf_counter() - begun
    assert took < 9  # 1.5 to 2 s on a quiet machine
    assert sorted(waits)[len(waits) // 2] < 0.02
    begun = time.perf_counter()
    names.replace([*many, entry("service", "one more", "崭新的服务")])
    assert time.perf_counter() - begun < took / 2  # one edit costs some 10 ms
