"""The page in a real browser: what a person does, and what the page then shows.

``WEB_PAGE_SCREENSHOTS=DIRECTORY pytest tests/examples/web_app/test_page.py`` saves a screenshot of each state of the
page, to be looked at.
"""

import asyncio
import os
import re
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, ConsoleMessage, Page, Route, async_playwright, expect

from katapult_async import RetryPolicy
from katapult_async.sandbox import Faults, Sandbox, models
from tests.bodies import encoded
from tests.conditions import wait_until

from .app_server import MID_WINDOW, data_center_of, served

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path: apt-get install chromium"),
]

FLAGS: Final = (
    "--no-sandbox",  # Chromium does not start with its sandbox as root; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

DONE: Final = re.compile("^Done. ")
QUICK_RETRY: Final = RetryPolicy(wait_initial=0.01, wait_max=0.05, failure_budget=5, outage_timeout=60.0)
"""The circuit breaker opens after five failures, so that every later call waits for the end of the outage."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def profile() -> AsyncIterator[BrowserContext]:
    """A fresh profile of a browser."""
    expect.set_options(timeout=20_000)
    async with (
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as browser,
        await browser.new_context(reduced_motion="reduce") as context,
    ):
        yield context


@pytest_asyncio.fixture(loop_scope="module")
async def page(profile: BrowserContext) -> AsyncIterator[Page]:
    """A page. An exception in its scripts, or a violation of its security policy, fails the test."""
    async with await profile.new_page() as page:
        page.set_default_timeout(20_000)
        problems: list[str] = []

        def check_message(message: ConsoleMessage) -> None:
            if "Policy" in message.text:
                problems.append(message.text)

        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", check_message)
        yield page
        assert problems == []


async def start(page: Page, url: str) -> None:
    await page.goto(url)
    await page.get_by_role("button", name="Show", exact=True).click()


async def save_screenshot(page: Page, name: str) -> None:
    """Save a screenshot, if the environment names a directory for them."""
    if directory := os.environ.get("WEB_PAGE_SCREENSHOTS"):
        await page.screenshot(path=Path(directory) / f"{name}.png")


async def displayed_addresses(page: Page) -> dict[str, list[list[str]]]:
    """Return the lines of both cells of addresses, by interface."""
    return await page.evaluate(  # type: ignore[no-any-return] # the script returns this type
        """Object.fromEntries([...document.querySelectorAll("#interfaces tr")].map((row) => [row.dataset.interface,
        [...row.querySelectorAll(".addresses")].map((cell) => [...cell.querySelectorAll("span")]
        .flatMap((it) => it.innerText.split("\\n")))]))"""
    )


def expected_addresses(sandbox: Sandbox, organization_id: str) -> dict[str, list[list[str]]]:
    """Return what the page should show of an organization."""

    def lines(interface_id: str, version: str) -> list[str]:
        free = [str(address["address"]) for address in sandbox.store.available_ips(interface_id, version)]
        return [f"{len(free)} free", *free[:3]] if free else ["none free"]

    return {
        interface.id: [lines(interface.id, version) for version in ("ipv4", "ipv6")]
        for machine in sandbox.store.all(models.VirtualMachine, organization_id=organization_id)
        for interface in sandbox.store.all(models.VirtualMachineNetworkInterface, virtual_machine_id=machine.id)
    }


async def displayed_networks(page: Page) -> list[list[str]]:
    """Return the texts of the table of networks, row by row."""
    return await page.evaluate(  # type: ignore[no-any-return] # the script returns this type
        """[...document.querySelectorAll("#networks tr")].map((row) =>
        [...row.querySelectorAll("button, th span, td")].map((it) => it.textContent))"""
    )


def expected_networks(sandbox: Sandbox, organization_id: str) -> list[list[str]]:
    """Return the rows of the table of networks: exhausted networks first, then by their free addresses."""
    networks: dict[str, dict[str, Any]] = {}
    for machine in sandbox.store.all(models.VirtualMachine, organization_id=organization_id):
        for interface in sandbox.store.all(models.VirtualMachineNetworkInterface, virtual_machine_id=machine.id):
            network = networks.setdefault(
                str(interface.network_id),
                {
                    "name": sandbox.store.get(str(interface.network_id)).name,
                    "data_center": data_center_of(sandbox, machine),
                    "ipv4": len(sandbox.store.available_ips(interface.id, "ipv4")),
                    "ipv6": len(sandbox.store.available_ips(interface.id, "ipv6")),
                    "interfaces": 0,
                },
            )
            network["interfaces"] += 1

    def order(network: dict[str, Any]) -> tuple[object, ...]:
        ipv4, ipv6 = network["ipv4"], network["ipv6"]
        return ipv4 > 0, ipv6 > 0, ipv4, ipv6, network["name"], network["data_center"]

    return [
        [
            network["name"],
            network["data_center"],
            str(network["ipv4"] or "none free"),
            str(network["ipv6"] or "none free"),
            str(network["interfaces"]),
        ]
        for network in sorted(networks.values(), key=order)
    ]


async def test_keyboard_alone_chooses_an_organization_and_shows_its_addresses(page: Page) -> None:
    faults = Faults(latency=0.02, latency_jitter=0.05)
    async with Sandbox(machines=20, interfaces=30, faults=faults) as sandbox, served(sandbox) as app:
        await page.goto(app.url)
        await expect(page.get_by_label("Organization")).to_be_enabled()
        await page.keyboard.press("Tab")
        await expect(page.get_by_label("Organization")).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#interfaces .number").first).to_be_visible()
        await expect(page.get_by_role("status")).to_have_text(DONE)
        assert await displayed_addresses(page) == expected_addresses(sandbox, sandbox.store.organizations[1].id)
        await expect(page.get_by_role("button", name="Show", exact=True)).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(page.locator("#networks button").first).to_be_focused()
        await save_screenshot(page, "keyboard")
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Filter")).to_be_focused()


async def test_networks_have_data_center_and_free_addresses_with_the_exhausted_first(page: Page) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app:
        await start(page, app.url)
        await expect(page.get_by_role("status")).to_have_text(DONE)
        expected = expected_networks(sandbox, sandbox.store.organizations[0].id)
        assert await displayed_networks(page) == expected
        exhausted = [row[2] for row in expected].count("none free")
        assert exhausted > 0
        await expect(page.locator("#headline")).to_contain_text(f"{exhausted} without a free IPv4 address")
        assert await page.locator("#networks tr.exhausted").count() == exhausted
        widths = await page.locator("#networks tr td:nth-child(2) .bar").evaluate_all(
            "bars => bars.map((bar) => Number(getComputedStyle(bar).getPropertyValue('--share')))"
        )
        free = [int(row[2]) for row in expected if row[2] != "none free"]
        assert widths == pytest.approx([count / max(free) for count in free])
        await save_screenshot(page, "networks")


async def test_interfaces_are_sorted_by_machine_and_network_and_can_be_filtered(page: Page) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app:
        await start(page, app.url)
        await expect(page.get_by_role("status")).to_have_text(DONE)
        rows = await page.locator("#interfaces tr").evaluate_all(
            "rows => rows.map((row) => ['.name', '.network-name', '.where .quiet']"
            ".map((part) => row.querySelector(part).textContent))"
        )

        def order(row: list[str]) -> tuple[object, ...]:
            kind, number = row[0].rsplit("-", 1)
            return kind, int(number), row[1]

        assert rows == sorted(rows, key=order)
        machine = rows[0][0]
        await page.get_by_label("Filter").fill(machine.upper())
        shown = page.locator("#interfaces tr:visible")
        await expect(shown).to_have_count(len([row for row in rows if machine in row[0]]))
        await expect(page.locator("#shown")).to_have_text(f"{await shown.count()} of {len(rows)} interfaces")
        await page.get_by_label("Filter").fill("")
        await expect(shown).to_have_count(len(rows))
        await page.locator("#networks button").first.click()
        [name, data_center, *_] = expected_networks(sandbox, sandbox.store.organizations[0].id)[0]
        await expect(shown).to_have_count([row[1:] for row in rows].count([name, data_center]))


async def test_every_address_of_an_interface_can_be_shown(page: Page) -> None:
    async with Sandbox(machines=2, interfaces=2, free_addresses=9) as sandbox, served(sandbox) as app:
        await start(page, app.url)
        await expect(page.get_by_role("status")).to_have_text(DONE)
        machine = sandbox.store.all(models.VirtualMachine, organization_id=sandbox.store.organizations[0].id)[0]
        interface = sandbox.store.all(models.VirtualMachineNetworkInterface, virtual_machine_id=machine.id)[0]
        cell = page.locator(f"[data-interface={interface.id}] [data-label='IPv6']")
        addresses = [str(address["address"]) for address in sandbox.store.available_ips(interface.id, "ipv6")]
        assert len(addresses) > 3
        sandbox.fail_next(code="unhandled_exception", status=500, matching="address_version=ipv6")
        button = cell.get_by_role("button", name=re.compile(f"^Show all {len(addresses)} IPv6 addresses of "))
        await button.focus()
        await page.keyboard.press("Enter")
        await expect(cell.locator(".error")).to_have_text("The request to Katapult failed.")
        await expect(button).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(cell.locator(".list")).to_be_focused()
        assert (await cell.locator(".list").inner_text()).split("\n") == addresses
        await save_screenshot(page, "all-addresses")


WATCH_THE_METER: Final = """() => {
  const meter = document.querySelector("#budget");
  window.readings = [];
  new MutationObserver(() => window.readings.push([
    Number(meter.getAttribute("aria-valuenow")),
    getComputedStyle(meter).getPropertyValue("--share"),
    meter.getAttribute("aria-valuetext"),
  ])).observe(meter, { attributeFilter: ["aria-valuetext"] });
}"""


async def test_meter_shows_the_falling_request_budget_and_the_seconds_to_its_reset(page: Page) -> None:
    faults = Faults(latency=0.05)
    async with Sandbox(permitted=500, faults=faults, clock=lambda: MID_WINDOW) as sandbox, served(sandbox) as app:
        await page.goto(app.url)
        await page.evaluate(WATCH_THE_METER)
        await page.get_by_role("button", name="Show", exact=True).click()
        await expect(page.get_by_role("status")).to_have_text(DONE)
        readings = await page.evaluate("readings")
        active = [reading for reading in readings if not reading[2].startswith("Idle")]
        counts = [count for count, _, _ in active]
        assert len(set(counts)) > 2
        assert counts == sorted(counts, reverse=True)
        for count, share, text in active:
            assert float(share) == count / 500
            assert re.match(rf"{count} of 500 left, resets in [1-5]?\d s", text)
        left, _, last = readings[-1]
        assert left == 500 - sandbox.requests
        assert re.fullmatch(rf"Idle\. {left} of 500 left, resets in [1-5]?\d s", last)
        meter = page.get_by_role("meter", name="Request budget")
        await expect(meter).to_have_class(re.compile("idle"))
        bar, track = await meter.locator("div").bounding_box(), await meter.bounding_box()
        assert bar is not None
        assert track is not None
        assert bar["width"] == pytest.approx(track["width"] * left / 500, abs=1)


async def test_idle_budget_counts_down_to_the_reset_and_sends_nothing(page: Page) -> None:
    async with Sandbox(machines=2, interfaces=2, clock=lambda: MID_WINDOW) as sandbox, served(sandbox) as app:
        requested: list[str] = []
        await page.clock.install()
        await start(page, app.url)
        await expect(page.get_by_role("status")).to_have_text(DONE)
        page.on("request", lambda request: requested.append(request.url))
        budget = page.locator("#budget-text")
        await expect(budget).to_have_text(re.compile(r"^Idle\. \d+ of 1000 left, resets in [1-5]?\d s$"))
        before = await budget.inner_text()
        await page.clock.fast_forward(10_000)  # milliseconds
        await expect(budget).not_to_have_text(before)
        await expect(budget).to_have_text(re.compile(r"^Idle\. \d+ of 1000 left, resets in [1-5]?\d s$"))
        await page.clock.fast_forward(50_000)
        await expect(budget).to_have_text("Idle. Each window has 1000 requests.")
        assert requested == []


async def assert_no_sideways_scrolling(page: Page, width: int) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.evaluate(
        "(width) => [...document.querySelectorAll('body *')].every((it) => it.getBoundingClientRect().right <= width)",
        width,
    )


@pytest.mark.parametrize("width", [360, 390])
async def test_phone_shows_everything_without_scrolling_sideways(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 844})
    async with Sandbox(machines=8, interfaces=12) as sandbox, served(sandbox) as app:
        sandbox.fail_next(code="unhandled_exception", status=500, matching="available_ips")
        await start(page, app.url)
        await expect(page.get_by_role("status")).to_contain_text("1 failed")
        await page.get_by_role("button", name="Show all").first.click()
        await expect(page.locator(".list[tabindex]")).to_be_visible()
        await assert_no_sideways_scrolling(page, width)
        interfaces = await page.locator("#interfaces").get_by_role("row").count()
        networks = await page.locator("#networks").get_by_role("row").count()
        assert interfaces == len(await displayed_addresses(page)) > 0
        assert networks == len(expected_networks(sandbox, sandbox.store.organizations[0].id))
        small = await page.locator("button:visible, select, input").evaluate_all(
            "controls => controls.filter((it) => it.getBoundingClientRect().height < 24).map((it) => it.outerHTML)"
        )
        assert small == []  # WCAG 2.2, 2.5.8 (AA): targets of 24 by 24 pixels
        await page.evaluate("scrollTo(0, 0)")
        await save_screenshot(page, f"phone-{width}")


async def test_wide_screen_shows_networks_beside_interfaces(page: Page) -> None:
    await page.set_viewport_size({"width": 2560, "height": 1300})
    async with Sandbox(machines=8, interfaces=12) as sandbox, served(sandbox) as app:
        await start(page, app.url)
        await expect(page.get_by_role("status")).to_have_text(DONE)
        networks = await page.locator("#networks-section").bounding_box()
        interfaces = await page.locator("#interfaces-section").bounding_box()
        assert networks is not None
        assert interfaces is not None
        assert networks["x"] + networks["width"] <= interfaces["x"]
        assert networks["y"] == interfaces["y"]
        await assert_no_sideways_scrolling(page, 2560)
        await save_screenshot(page, "wide")


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
  const ratios = {};
  const texts = "h1, h2, p, label, th, td, li, td span, th span, button, #count, .list";
  for (const it of document.querySelectorAll(texts)) {
    if (it.innerText === "" || it.closest(":disabled") || it.offsetParent === null) continue;
    const [dark, light] = [luminance(getComputedStyle(it).color), luminance(ground(it))].sort((a, b) => a - b);
    ratios[`${it.tagName}.${it.className}#${it.id}`] = (light + 0.05) / (dark + 0.05);
  }
  return ratios;
}"""


async def test_light_and_dark_scheme_differ_and_have_enough_contrast(page: Page) -> None:
    grounds = set()
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        async with Sandbox(machines=8, interfaces=12) as sandbox, served(sandbox) as app:
            await start(page, app.url)
            await expect(page.get_by_role("status")).to_have_text(DONE)
            contrasts: dict[str, float] = await page.evaluate(CONTRASTS)
            sandbox.fail_next(code="unhandled_exception", status=500, matching="available_ips")
            await page.get_by_role("button", name="Show", exact=True).click()
            await expect(page.get_by_role("status")).to_contain_text("1 failed")
            await page.evaluate(  # the outage has its own test: here only its colors count
                "document.querySelector('#outage').hidden = false;"
                "document.querySelector('#outage-text').textContent = 'An outage'"
            )
            await save_screenshot(page, scheme)
        await page.get_by_role("button", name="Show", exact=True).click()  # the server is gone: a problem is shown too
        await expect(page.locator("#problem")).to_be_visible()
        contrasts |= await page.evaluate(CONTRASTS)
        assert len(contrasts) > 15
        assert {name: ratio for name, ratio in contrasts.items() if ratio < 4.5} == {}  # WCAG 2.2, 1.4.3 (AA)
        grounds.add(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2


async def test_names_from_katapult_are_text_and_never_markup(page: Page) -> None:
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
        await expect(page.get_by_role("status")).to_contain_text("2 failed")  # `vmnet_hostile` is not in the sandbox
        row = page.locator("[data-interface=vmnet_hostile]")
        assert await row.locator(".own-name").evaluate("it => it.textContent") == hostile
        assert await row.locator(".network-name").evaluate("it => it.textContent") == f"<b>{hostile}"
        await expect(page.locator("#networks button", has_text="img")).to_have_text(f"<b>{hostile}")
        assert await page.locator("main table img, main table b").count() == 0
        assert await page.title() == "Free addresses"


async def test_failed_requests_are_counted_and_one_button_retries_them(page: Page) -> None:
    async with Sandbox(machines=8, interfaces=12) as sandbox, served(sandbox) as app:
        organization = sandbox.store.organizations[0]
        unlisted = sandbox.store.all(models.VirtualMachine, organization_id=organization.id)[0]
        interfaces = expected_addresses(sandbox, organization.id)
        total = 2 * (
            len(interfaces)
            - len(sandbox.store.all(models.VirtualMachineNetworkInterface, virtual_machine_id=unlisted.id))
        )
        # One machine cannot be listed, and three requests for addresses fail.
        sandbox.fail_next(code="permission_denied", status=403, matching=unlisted.id)
        sandbox.fail_next(times=3, code="unhandled_exception", status=500, matching="address_version=ipv6")
        await start(page, app.url)
        status = page.get_by_role("status")
        await expect(status).to_have_text(f"{total - 3} answered, 3 failed, 1 machine not listed.")
        await expect(status).to_have_class("warning")
        await expect(page.locator("#reasons li")).to_have_count(2)
        await expect(page.locator("#reasons")).to_contain_text("The request to Katapult failed: 3 requests.")
        await expect(page.locator("#reasons")).to_contain_text("may not do this: 1 machine not listed.")
        await page.get_by_text("Ids of the machines").click()
        await expect(page.locator("#reasons .list")).to_have_text(unlisted.id)
        await expect(page.locator("#interfaces .error")).to_have_count(3)
        await save_screenshot(page, "failures")
        # The retry succeeds for all of them.
        await page.get_by_role("button", name="Try the failed ones again").click()
        await expect(status).to_have_text(
            f"Done. {len(interfaces)} interfaces, {2 * len(interfaces)} requests answered."
        )
        await expect(status).to_have_class("good")
        await expect(page.locator("#failures")).to_be_hidden()
        await expect(page.locator("#interfaces .error")).to_have_count(0)
        assert await displayed_addresses(page) == interfaces
        assert await displayed_networks(page) == expected_networks(sandbox, organization.id)


async def test_stopping_a_retry_keeps_what_was_not_retried_among_the_failed(page: Page) -> None:
    async with Sandbox(machines=8, interfaces=12) as sandbox, served(sandbox) as app:
        unlisted = sandbox.store.all(models.VirtualMachine, organization_id=sandbox.store.organizations[0].id)[0]
        sandbox.fail_next(code="permission_denied", status=403, matching=unlisted.id)
        sandbox.fail_next(times=3, code="unhandled_exception", status=500, matching="address_version=ipv6")
        await start(page, app.url)
        status = page.get_by_role("status")
        await expect(status).to_contain_text("3 failed, 1 machine not listed.")
        before = await status.inner_text()
        sandbox.faults = Faults(latency=30.0)
        await page.get_by_role("button", name="Try the failed ones again").click()
        await page.get_by_role("button", name="Stop").click()
        await expect(status).to_have_text(f"Stopped. {before}")
        await expect(page.get_by_role("button", name="Try the failed ones again")).to_be_visible()


@pytest.mark.costs
async def test_outage_is_shown_within_three_seconds_with_its_times_and_ends_by_itself(page: Page) -> None:
    faults = Faults(latency=0.05)
    async with Sandbox(faults=faults) as sandbox, served(sandbox, retry=QUICK_RETRY) as app:
        await start(page, app.url)
        await expect(page.locator("#interfaces tr").first).to_be_visible()
        sandbox.faults = Faults(service_unavailable=1.0)
        began_at = time.time()
        outage = page.locator("#outage")
        await expect(outage).to_be_visible(timeout=3000)
        assert time.time() - began_at <= 3
        text = await outage.inner_text()
        shown = re.fullmatch(
            r"No successful response from Katapult(?: to some requests)? since (.+)\. "
            r"Requests are retried until (.+)\.",
            text,
        )
        assert shown is not None
        times = await page.evaluate(
            "([from, to]) => { const times = []; for (let at = from; at <= to; at += 1)"
            " times.push(new Date(1000 * at).toLocaleTimeString()); return times; }",
            [int(began_at), int(began_at) + 3 + 60],
        )
        assert 0 <= times.index(shown[1]) <= 2
        assert times.index(shown[2]) - times.index(shown[1]) == 60
        await save_screenshot(page, "outage")
        sandbox.faults = Faults()
        await expect(outage).to_be_hidden()
        await expect(page.get_by_role("status")).to_have_text(DONE)
        assert await displayed_addresses(page) == expected_addresses(sandbox, sandbox.store.organizations[0].id)


async def test_outage_that_outlasts_the_retries_ends_with_a_summary_and_not_with_done(page: Page) -> None:
    retry = RetryPolicy(attempts=2, wait_initial=0.01, wait_max=0.05, failure_budget=5, outage_timeout=0.5)
    async with Sandbox(faults=Faults(latency=0.05)) as sandbox, served(sandbox, retry=retry) as app:
        await start(page, app.url)
        await expect(page.locator("#interfaces tr").first).to_be_visible()
        sandbox.faults = Faults(service_unavailable=1.0)
        status = page.get_by_role("status")
        await expect(status).to_have_text(re.compile(r"^\d+ answered, \d+ failed(, \d+ machines? not listed)?\.$"))
        await expect(status).to_have_class("warning")
        await expect(page.locator("#outage")).to_be_hidden()
        await expect(page.locator("#progress")).to_be_hidden()
        await expect(page.locator("#reasons li")).to_have_count(1)
        await save_screenshot(page, "summary")
        sandbox.faults = Faults()
        ends_at = time.monotonic() + 20
        while await page.locator("#failures").is_visible():  # the open circuit breaker first sends a probe
            assert time.monotonic() < ends_at
            await page.get_by_role("button", name="Try the failed ones again").click()
            await expect(page.get_by_role("button", name="Show", exact=True)).to_be_visible()
        await expect(status).to_have_text(DONE)
        assert await displayed_addresses(page) == expected_addresses(sandbox, sandbox.store.organizations[0].id)


@pytest.mark.costs
async def test_page_opened_during_an_outage_says_so_within_three_seconds(page: Page) -> None:
    retry = RetryPolicy(attempts=99, wait_initial=0.01, wait_max=0.05, failure_budget=2, outage_timeout=60.0)
    async with Sandbox(faults=Faults(service_unavailable=1.0)) as sandbox, served(sandbox, retry=retry) as app:
        await page.goto(app.url)
        await expect(page.locator("#outage")).to_be_visible(timeout=3000)
        sandbox.faults = Faults()
        await expect(page.locator("#outage")).to_be_hidden()
        await expect(page.get_by_label("Organization")).to_be_enabled()


async def test_status_that_arrives_after_the_response_shows_no_outage(page: Page) -> None:
    has_response = asyncio.Event()

    async def respond_late(route: Route) -> None:
        await has_response.wait()
        await route.fulfill(json={"budget": {"permitted": None}, "outage": {"since": 0, "until": 1, "partial": False}})

    async with Sandbox(faults=Faults(latency=1.0)) as sandbox, served(sandbox) as app:
        await page.route("**/api/status", respond_late)
        await page.goto(app.url)
        await expect(page.get_by_label("Organization")).to_be_enabled()
        async with page.expect_response("**/api/status"):
            has_response.set()
        await page.wait_for_load_state("networkidle")
        await expect(page.locator("#outage")).to_be_hidden()


async def test_outage_before_anything_is_listed_shows_no_count(page: Page) -> None:
    async with Sandbox() as sandbox, served(sandbox, retry=QUICK_RETRY) as app:
        await page.goto(app.url)
        await expect(page.get_by_label("Organization")).to_be_enabled()
        sandbox.faults = Faults(service_unavailable=1.0)
        await page.get_by_role("button", name="Show", exact=True).click()
        await expect(page.locator("#outage")).to_be_visible()
        await expect(page.locator("#count")).to_have_text("")
        sandbox.faults = Faults()
        await expect(page.get_by_role("status")).to_have_text(DONE, timeout=30_000)


async def test_lost_connection_is_shown_and_can_be_retried(page: Page) -> None:
    async with Sandbox(permitted=40, clock=lambda: MID_WINDOW) as sandbox, served(sandbox) as app:
        await start(page, app.url)
        await expect(page.locator("#interfaces tr").first).to_be_visible()
        assert app.runner.server is not None
        for connection in app.runner.server.connections:
            assert connection.transport is not None
            connection.transport.abort()
        await expect(page.locator("#problem")).to_contain_text("The connection to this page's server is lost.")
        await expect(page.get_by_role("status")).to_have_text(re.compile("^Ended early. "))
        await page.get_by_role("button", name="Try again", exact=True).click()
        await expect(page.locator("#problem")).to_be_hidden()
        await expect(page.get_by_role("button", name="Stop")).to_be_focused()


async def test_error_page_of_a_proxy_is_shown_as_a_lost_connection_and_can_be_retried(page: Page) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app:
        await page.route("**/fleet", lambda route: route.fulfill(status=502, content_type="text/html", body="<html>"))
        await start(page, app.url)
        await expect(page.locator("#problem")).to_contain_text("The connection to this page's server is lost.")
        await page.unroute("**/fleet")
        await page.get_by_role("button", name="Try again", exact=True).click()
        await expect(page.get_by_role("status")).to_have_text(DONE)


async def test_wait_for_the_next_window_is_announced_and_can_be_stopped(page: Page) -> None:
    async with Sandbox(permitted=40, clock=lambda: MID_WINDOW) as sandbox, served(sandbox) as app:
        await start(page, app.url)
        await expect(page.get_by_role("status")).to_have_text(
            re.compile(r"^Waiting for the next window\. It begins in \d\d s\.$")
        )
        await expect(page.locator("#outage")).to_be_hidden()
        await page.get_by_role("button", name="Stop").click()
        await expect(page.get_by_role("status")).to_have_text(re.compile("^Stopped. "))
        await wait_until(lambda: app.katapult.rate_limit.queued == 0)
        await expect(page.get_by_label("Organization")).to_be_enabled()
        await expect(page.locator("#interfaces")).not_to_contain_text("requesting")
        await expect(page.locator("#interfaces")).to_contain_text("not requested")


async def test_rejected_token_is_shown_and_can_be_retried(page: Page) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app:
        sandbox.fail_next(code="invalid_api_token", status=403)
        await page.goto(app.url)
        await expect(page.get_by_role("alert")).to_contain_text("Katapult does not accept this server's token.")
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_label("Organization")).to_be_enabled()


async def test_many_interfaces_are_added_over_many_frames(page: Page) -> None:
    async with Sandbox() as sandbox, served(sandbox) as app:
        await page.goto(app.url)
        first_frame, at_the_end = await page.evaluate(
            """async () => {
              const { addInterface, showAddresses } = await import("/static/interfaces.js");
              const network = { id: "netw_1", name: "Public", virtual: false };
              for (let id = 0; id < 400; id += 1) {
                addInterface({ id, name: "eth", network, machine: "web", data_center: "London" });
                for (const version of ["ipv4", "ipv6"])
                  showAddresses({ interface_id: id, address_version: version, free: 1, addresses: ["192.0.2.1"] });
              }
              const frame = () => new Promise(requestAnimationFrame);
              await frame();
              const firstFrame = document.querySelectorAll("#interfaces tr").length;
              for (let frames = 0; frames < 40; frames += 1) await frame();
              return [firstFrame, document.querySelectorAll("#interfaces .number").length];
            }"""
        )
        assert 0 < first_frame < 50
        assert at_the_end == 800
