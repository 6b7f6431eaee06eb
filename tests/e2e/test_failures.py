"""What a citizen sees while a process is dead, frozen or slow, and that all comes back by itself."""

import asyncio
import signal
import sqlite3
import time

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def timed(citizen, text):
    begun = time.monotonic()
    reply = await citizen.say(text)
    return reply, time.monotonic() - begun


async def test_a_frozen_bot_costs_an_apology_within_two_seconds(system, citizen):
    system.signal("bot", signal.SIGSTOP)
    try:
        reply, seconds = await timed(citizen, "身份证丢了怎么补办")
    finally:
        system.signal("bot", signal.SIGCONT)
    assert reply["outcome"] == "failed"
    assert "12345" in reply["text"]
    assert seconds < 2
    await asyncio.sleep(2.5)
    assert (await citizen.say("身份证丢了怎么补办"))["outcome"] == "answered"


async def test_a_killed_bot_costs_an_apology_and_the_topic_survives_its_restart(system, citizen):
    await citizen.say("身份证丢了怎么补办")
    system.stop("bot")
    reply, seconds = await timed(citizen, "要带什么")
    assert reply["outcome"] == "failed"
    assert seconds < 2
    system.start("bot")
    await system.ready()
    reply = await citizen.say("要带什么")
    assert reply["citations"][0]["code"] == "gz-idcard-lost"


async def test_a_conversation_survives_the_restart_of_the_app(system, citizen):
    await citizen.say("身份证丢了怎么补办")
    await asyncio.sleep(0.5)
    system.signal("app", signal.SIGTERM)
    system.processes["app"].wait(timeout=10)
    system.start("app")
    await system.ready()
    assert (await citizen.say("要带什么"))["citations"][0]["code"] == "gz-idcard-lost"


async def test_a_locked_database_does_not_delay_a_reply(system, citizen):
    lock = sqlite3.connect(system.folder / "suiwen.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        reply, seconds = await timed(citizen, "身份证丢了怎么补办")
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    assert reply["outcome"] == "answered"
    assert seconds < 2


async def test_an_import_is_live_within_two_seconds_without_a_restart(system, citizen, tmp_path):
    file = tmp_path / "new.yml"
    file.write_text(
        "- code: test-balloon\n  name: {zh: 热气球夜间升空备案}\n  department: 广州市公安局\n"
        "  department_code: '007483172'\n  as_of: 2026-01-01\n  fees: [{text: 免费}]\n",
        encoding="utf-8",
    )
    await asyncio.to_thread(system.command, "import", "services", str(file))
    await asyncio.sleep(2)
    reply = await citizen.say("热气球夜间升空备案收费吗")
    assert reply["citations"][0]["code"] == "test-balloon"
    assert "免费" in reply["text"]
