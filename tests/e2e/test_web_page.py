"""The citizen's page in a real Chromium: mouse, keyboard, phone, screen reader's view, and a server that goes away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.e2e.conftest import CHROMIUM, System

pytestmark = pytest.mark.asyncio(loop_scope="session")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if not await asyncio.to_thread(Path(CHROMIUM).exists):
        pytest.fail("Chromium is missing: apt install chromium")
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        await found.close()


async def visit(
    browser: Browser, url: str, width: int = 1280, height: int = 800, locale: str = "zh-CN"
) -> Page:
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale=locale, bypass_csp=True, reduced_motion="reduce"
    )
    page = await context.new_page()
    await page.goto(url)
    return page


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, system: System) -> AsyncIterator[Page]:
    found = await visit(browser, system.url)
    yield found
    await found.context.close()


async def ask(page: Page, text: str) -> None:
    replies = page.get_by_test_id("reply")
    before = await replies.count()
    await page.get_by_test_id("question").fill(text)
    await page.keyboard.press("Enter")
    await expect(replies).to_have_count(before + 1, timeout=5_000)


async def test_a_question_is_answered_with_the_record_it_comes_from(page):
    await ask(page, "身份证丢了怎么补办")
    card = page.get_by_test_id("citation").last
    await expect(card.get_by_test_id("citation-title")).to_contain_text("补领居民身份证")
    await expect(card.get_by_test_id("citation-department")).to_contain_text("广州市公安局")
    await expect(card.get_by_test_id("citation-date")).not_to_be_empty()


async def test_a_quick_reply_asks_about_the_same_service(page):
    await ask(page, "身份证丢了怎么补办")
    await page.get_by_test_id("quick-reply").first.click()
    await expect(page.get_by_test_id("reply")).to_have_count(2)
    await expect(page.get_by_test_id("citation-title").last).to_contain_text("补领居民身份证")


async def test_suggestions_are_buttons_that_choose(page):
    await ask(page, "公积金")
    suggestion = page.get_by_test_id("suggestion").first
    title = (await suggestion.inner_text()).splitlines()[0]
    await suggestion.click()
    await expect(page.get_by_test_id("citation-title").last).to_contain_text(title)


async def test_the_conversation_survives_a_reload(page):
    await ask(page, "身份证丢了怎么补办")
    await asyncio.sleep(0.5)
    await page.reload()
    await expect(page.get_by_test_id("said")).to_have_count(1)
    await ask(page, "要带什么")
    await expect(page.get_by_test_id("citation-title").last).to_contain_text("补领居民身份证")


async def test_all_of_it_works_by_keyboard(page):
    await page.keyboard.press("Tab")
    await expect(page.get_by_test_id("skip-link")).to_be_focused()
    await page.get_by_test_id("question").focus()
    await page.keyboard.type("公积金")
    await page.keyboard.press("Enter")
    suggestion = page.get_by_test_id("suggestion").first
    await expect(suggestion).to_be_visible()
    await suggestion.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("citation").last).to_be_visible()


async def test_a_screen_reader_hears_new_replies(page):
    log = page.get_by_role("log")
    await expect(log).to_have_count(1)
    await ask(page, "身份证丢了怎么补办")
    await expect(log).to_contain_text("补领居民身份证")


async def test_the_interface_switches_to_english_and_traditional_script(page):
    await page.get_by_test_id("language-en").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.get_by_test_id("language-zh-Hant").click()
    await expect(page.get_by_test_id("send")).to_contain_text("傳送")


async def test_large_print_and_high_contrast_stay_after_a_reload(page):
    await page.get_by_test_id("large-print").click()
    await page.get_by_test_id("high-contrast").click()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-print", "large")
    await expect(page.locator("html")).to_have_attribute("data-contrast", "more")


async def test_a_thumb_down_takes_a_reason(page):
    await ask(page, "身份证丢了怎么补办")
    await page.get_by_test_id("rate-down").last.click()
    await page.get_by_test_id("reason-wrong").last.check()
    await page.get_by_test_id("reason-send").last.click()
    await expect(page.get_by_test_id("rating-thanks").last).to_be_visible()


async def test_clear_and_forget_asks_first_and_leaves_nothing(page):
    await ask(page, "身份证丢了怎么补办")
    await page.get_by_test_id("forget").click()
    await page.get_by_test_id("forget-confirm").click()
    await expect(page.get_by_test_id("said")).to_have_count(0)
    await page.reload()
    await expect(page.get_by_test_id("said")).to_have_count(0)


async def test_hostile_text_is_shown_and_never_run(page):
    hostile = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    await ask(page, hostile)
    assert await page.title() != "owned"
    await expect(page.get_by_test_id("said").last).to_contain_text("<img")


async def test_without_websocket_the_page_posts(browser, system):
    page = await visit(browser, system.url)
    await page.add_init_script(
        "delete window.WebSocket; window.WebSocket = class { constructor() { throw Error() } }"
    )
    await page.reload()
    await ask(page, "身份证丢了怎么补办")
    await expect(page.get_by_test_id("citation").last).to_be_visible()
    await page.context.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)])
@pytest.mark.parametrize("locale", ["zh-CN", "zh-HK", "en-GB"])
async def test_axe_finds_no_violation(browser, system, width, height, locale):
    page = await visit(browser, system.url, width, height, locale)
    first = await Axe().run(page, options=RULES)
    assert first.violations_count == 0, first.generate_report()
    await ask(page, "公积金")
    await page.get_by_test_id("suggestion").first.click()
    await expect(page.get_by_test_id("citation").last).to_be_visible()
    then = await Axe().run(page, options=RULES)
    assert then.violations_count == 0, then.generate_report()
    await page.context.close()


async def test_nothing_is_wider_than_a_small_phone(browser, system):
    page = await visit(browser, system.url, 360, 740)
    await ask(page, "how do I renew my driving licence")
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    await page.context.close()


async def test_the_page_says_when_the_assistant_is_away_and_comes_back(browser, system):
    page = await visit(browser, system.url)
    await ask(page, "身份证丢了怎么补办")
    system.stop("app")
    await page.get_by_test_id("question").fill("要带什么")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("said").last).to_have_attribute("data-state", "waiting", timeout=10_000)
    system.start("app")
    await system.ready()
    await expect(page.get_by_test_id("reply")).to_have_count(2, timeout=30_000)
    await page.context.close()
