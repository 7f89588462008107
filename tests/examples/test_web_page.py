"""The page in a real browser: what a person does, and what they then see."""

import re
import shutil
from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from katapult_async.sandbox import Faults, Sandbox
from tests.bodies import encoded

from .app_server import MID_WINDOW, served, until

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path: apt-get install chromium"),
]

FLAGS: Final = (
    "--no-sandbox",  # which root may not have; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def profile() -> AsyncIterator[BrowserContext]:
    """A fresh profile of a browser."""
    async with (
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as browser,
        await browser.new_context(reduced_motion="reduce") as context,
    ):
        yield context


@pytest_asyncio.fixture(loop_scope="module")
async def page(profile: BrowserContext) -> AsyncIterator[Page]:
    """A page. An exception in its scripts, or a breach of its policy, fails the test."""
    async with await profile.new_page() as page:
        page.set_default_timeout(10_000)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if "Policy" in message.text else None)
        yield page
        assert wrong == []


async def start(page: Page, url: str) -> None:
    await page.goto(url)
    await page.get_by_role("button", name="Show").click()


async def addresses_shown(page: Page) -> dict[str, list[list[str]]]:
    """Return the lines of both cells of addresses, by interface."""
    return await page.evaluate(  # type: ignore[no-any-return] # as the script says
        """Object.fromEntries([...document.querySelectorAll("#rows tr")].map((row) => [row.dataset.interface,
        [...row.querySelectorAll(".addresses")].map((cell) => cell.innerText.split(/\\s*\\n/))]))"""
    )


def addresses_there(sandbox: Sandbox, organization_id: str) -> dict[str, list[list[str]]]:
    """Return what the page should show of an organization."""

    def lines(interface_id: str, version: str) -> list[str]:
        free = [str(each["address"]) for each in sandbox.store.available_ips(interface_id, version)]
        if not free:
            return ["none free"]
        return [f"{len(free)} free", *free[:2], *(f"{last} …" if len(free) > 3 else last for last in free[2:3])]

    return {
        interface.id: [lines(interface.id, version) for version in ("ipv4", "ipv6")]
        for machine in sandbox.store.machines
        for interface in sandbox.store.interfaces
        if (machine.organization_id, machine.id) == (organization_id, interface.virtual_machine_id)
    }


async def test_a_person_picks_an_organization_with_the_keyboard_and_sees_its_addresses_appear(page: Page) -> None:
    faults = Faults(latency=0.02, latency_jitter=0.05)
    async with Sandbox(machines=20, interfaces=30, faults=faults) as sandbox, served(sandbox) as app:
        await page.goto(app.url)
        await expect(page.get_by_label("Organization")).to_be_enabled()
        await page.keyboard.press("Tab")
        await expect(page.get_by_label("Organization")).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#rows .free").first).to_be_visible()
        await expect(page.get_by_role("status")).to_have_text(re.compile("^Done. "))
        assert await addresses_shown(page) == addresses_there(sandbox, sandbox.store.organizations[1].id)
        await expect(page.get_by_role("button", name="Show")).to_be_focused()
        await expect(page.get_by_role("rowheader").first).to_contain_text(" on ")


WATCH_THE_BAR: Final = """() => {
  const bar = document.querySelector("#budget");
  window.readings = [];
  new MutationObserver(() => window.readings.push([
    Number(bar.getAttribute("aria-valuenow")),
    getComputedStyle(bar).getPropertyValue("--share"),
    bar.getAttribute("aria-valuetext"),
  ])).observe(bar, { attributeFilter: ["aria-valuetext"] });
}"""


async def test_the_bar_shows_the_budget_of_the_window_shrink(page: Page) -> None:
    faults = Faults(latency=0.05)
    async with Sandbox(permitted=500, faults=faults, clock=lambda: MID_WINDOW) as sandbox, served(sandbox) as app:
        await page.goto(app.url)
        await page.evaluate(WATCH_THE_BAR)
        await page.get_by_role("button", name="Show").click()
        await expect(page.get_by_role("status")).to_have_text(re.compile("^Done. "))
        *told, (left, _, last) = await page.evaluate("readings")
        counts = [count for count, _, _ in told]
        assert len(set(counts)) > 2
        assert counts == sorted(counts, reverse=True)
        for count, share, text in told:
            assert float(share) == count / 500
            assert re.match(rf"{count} of 500 left, resets in [45]\d s", text)
        assert (left, last) == (500 - sandbox.requests, f"{left} of 500 left, when last heard")
        box = await page.get_by_role("meter", name="Request budget").locator("div").bounding_box()
        track = await page.get_by_role("meter", name="Request budget").bounding_box()
        assert box is not None
        assert track is not None
        assert box["width"] == pytest.approx(track["width"] * left / 500, abs=1)


async def test_a_phone_shows_everything_without_scrolling_sideways(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    async with Sandbox(machines=8, interfaces=12) as sandbox, served(sandbox) as app:
        sandbox.fail_next(code="unhandled_exception", status=500, matching="available_ips")
        await start(page, app.url)
        await expect(page.get_by_role("status")).to_have_text(re.compile("^Done. "))
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        assert await page.evaluate(
            "[...document.querySelectorAll('body *')].every((it) => it.getBoundingClientRect().right <= 360)"
        )
        assert await page.get_by_role("row").count() == 1 + len(await addresses_shown(page))


CONTRASTS: Final = """() => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = parts(color).slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (it) => {
    const color = getComputedStyle(it).backgroundColor;
    return parts(color)[3] === 0 ? ground(it.parentElement) : color;
  };
  const found = {};
  for (const it of document.querySelectorAll("h1, h2, p, label, th, td, td span, th span, button, caption, #count")) {
    if (it.innerText === "" || it.closest(":disabled") || it.offsetParent === null) continue;
    const [dark, light] = [luminance(getComputedStyle(it).color), luminance(ground(it))].sort((a, b) => a - b);
    found[`${it.tagName}.${it.className}#${it.id}`] = (light + 0.05) / (dark + 0.05);
  }
  return found;
}"""


async def test_both_schemes_can_be_read_and_differ(page: Page) -> None:
    grounds = set()
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        async with Sandbox(machines=8, interfaces=12) as sandbox, served(sandbox) as app:
            sandbox.fail_next(code="unhandled_exception", status=500, matching="available_ips")
            await start(page, app.url)
            await expect(page.get_by_role("status")).to_have_text(re.compile("^Done. "))
        await page.get_by_role("button", name="Show").click()  # nobody listens any more: the problem is shown too
        await expect(page.get_by_role("alert")).to_be_visible()
        contrasts: dict[str, float] = await page.evaluate(CONTRASTS)
        assert len(contrasts) > 8
        assert {name: ratio for name, ratio in contrasts.items() if ratio < 4.5} == {}  # WCAG 2.2, 1.4.3 (AA)
        grounds.add(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2


async def test_names_of_others_stay_text(page: Page) -> None:
    hostile = "<img src=x onerror=\"document.title='taken'\">\n\ndata: {}"
    listed = {
        "virtual_machine_network_interfaces": [
            {"id": "vmnet_hostile", "name": hostile, "network": {"id": "netw_1", "name": f"<b>{hostile}"}}
        ],
        "pagination": {"current_page": 1, "total_pages": 1, "total": 1, "per_page": 200, "large_set": False},
    }
    async with Sandbox(machines=2, interfaces=2) as sandbox, served(sandbox) as app:
        sandbox.fail_next(status=200, body=encoded(listed), matching="network_interfaces?")
        await start(page, app.url)
        await expect(page.get_by_role("status")).to_have_text(re.compile("^Done. "))
        row = page.locator("[data-interface=vmnet_hostile]")
        assert await row.locator(".name").evaluate("it => it.textContent") == hostile
        assert await row.locator(".where").evaluate("it => it.textContent") == f"<b>{hostile}"
        assert await page.locator("#rows img, #rows b").count() == 0
        assert await page.title() == "Free addresses"


async def test_an_answer_that_failed_is_told_in_words_and_can_be_tried_again(page: Page) -> None:
    async with Sandbox(machines=2, interfaces=2) as sandbox, served(sandbox) as app:
        sandbox.fail_next(code="unhandled_exception", status=500, matching="address_version=ipv6")
        await start(page, app.url)
        await expect(page.get_by_role("status")).to_contain_text("1 could not be had")
        await expect(page.locator("#rows .error")).to_have_text("Katapult failed to answer.")
        await page.get_by_role("button", name="Try again: IPv6").click()
        await expect(page.locator("#rows .error")).to_have_count(0)
        await expect(page.locator("#rows")).not_to_contain_text("asking")
        assert await addresses_shown(page) == addresses_there(sandbox, sandbox.store.organizations[0].id)


async def test_the_loss_of_the_connection_is_told_and_can_be_mended(page: Page) -> None:
    async with Sandbox(permitted=40, clock=lambda: MID_WINDOW) as sandbox, served(sandbox) as app:
        await start(page, app.url)
        await expect(page.locator("#rows tr").first).to_be_visible()
        assert app.runner.server is not None
        for connection in app.runner.server.connections:
            assert connection.transport is not None
            connection.transport.abort()
        await expect(page.get_by_role("alert")).to_contain_text("The connection to this page's server is lost.")
        await expect(page.get_by_role("status")).to_have_text(re.compile("^Ended early. "))
        await page.get_by_role("button", name="Try again", exact=True).click()
        await expect(page.get_by_role("alert")).to_be_hidden()
        await expect(page.get_by_role("button", name="Stop")).to_be_focused()


async def test_a_walk_waits_for_its_window_aloud_and_can_be_stopped(page: Page) -> None:
    async with Sandbox(permitted=40, clock=lambda: MID_WINDOW) as sandbox, served(sandbox) as app:
        await start(page, app.url)
        await expect(page.get_by_role("status")).to_have_text(re.compile(r"^Waiting for a new window. .* \d\d s\.$"))
        await page.get_by_role("button", name="Stop").click()
        await expect(page.get_by_role("status")).to_have_text(re.compile("^Stopped. "))
        await until(lambda: app.katapult.rate_limit.queued == 0)
        await expect(page.get_by_label("Organization")).to_be_enabled()


async def test_a_refused_token_is_told_and_asked_for_again(page: Page) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app:
        sandbox.fail_next(code="invalid_api_token", status=403)
        await page.goto(app.url)
        await expect(page.get_by_role("alert")).to_contain_text("Katapult does not accept this server's token.")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_label("Organization")).to_be_enabled()


async def test_many_interfaces_are_added_in_many_frames(page: Page) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app:
        await page.goto(app.url)
        at_once, in_all = await page.evaluate(
            """async () => {
              const { addInterface, addAddresses } = await import("/static/rows.js");
              for (let id = 0; id < 400; id += 1) {
                addInterface({ id, name: "eth", network: "Public", machine: "web" });
                for (const version of ["ipv4", "ipv6"])
                  addAddresses({ interface_id: id, address_version: version, free: 1, addresses: ["192.0.2.1"] });
              }
              document.querySelector("#interfaces").hidden = false;
              const frame = () => new Promise(requestAnimationFrame);
              await frame();
              const atOnce = document.querySelectorAll("#rows tr").length;
              for (let frames = 0; frames < 40; frames += 1) await frame();
              return [atOnce, document.querySelectorAll("#rows .free").length];
            }"""
        )
        assert 0 < at_once < 50
        assert in_all == 800
