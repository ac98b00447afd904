"""The catalogue in a real browser: Chromium without a window, against a server of files on this computer."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect, sync_playwright

from pipelines.engine.run import read_folder
from pipelines.release import release_tables
from pipelines.site import build_site
from tests.generate import monographs
from tests.test_site import HOSTILE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("no Chromium is installed: `apt-get install chromium`", allow_module_level=True)

ROOT = Path(__file__).parent.parent
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
BELOW = "some/path"  # a static host may serve the catalogue below any path
PAGES = (
    "index.html", "site/tables.html", "site/tables/strengths.html", "site/tables/route_codes.html",
    "site/monographs.html", "site/monographs/baclofen.html", "site/classes.html", "site/findings.html",
    "site/findings/STRENGTH_UNQUANTIFIED.html", "site/versions.html", "site/versions/1.1.0.html", "site/codes.html",
    "site/about.html",
)  # fmt: skip
WIDEST = """[...document.querySelectorAll("main *")]
    .filter((it) => it.getBoundingClientRect().right > innerWidth && !it.closest(".scroll > *, pre"))
    .slice(0, 3).map((it) => it.outerHTML.slice(0, 150)).join("\\n")"""
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  (as the library has it)
        """Nothing."""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds of the repository, a hostile one and made-up ones, in two versions, below a path."""
    root = tmp_path_factory.mktemp("host")
    seeds, outputs = root / "seeds", root / BELOW
    shutil.copytree(ROOT / "seeds", seeds)
    for first, count in ((0, 6), (6, 9)):
        for name, text in list(monographs(count))[first:]:
            (seeds / Path(name).name).write_text(text, encoding="utf-8")
        (seeds / "hostile.txt").write_text(HOSTILE, encoding="utf-8")
        tables = read_folder(seeds).tables
        release_tables(tables, {}, outputs, accept_large_change="a test")
    build_site(outputs)
    return outputs


@pytest.fixture(scope="module")
def host(outputs: Path) -> Iterator[str]:
    """The address of the catalogue on this computer."""
    root = outputs.parents[BELOW.count("/")]
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=root)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/{BELOW}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page that fails its test where a script fails, a rule of security is broken, or a host is asked."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.on("request", lambda request: None if _is_here(request.url) else wrong.append(request.url))
    yield page
    context.close()
    assert wrong == []


def _is_here(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "file:"))


def test_search_finds_names_brands_and_classes_and_leads_to_them(page: Page, host: str) -> None:
    """Typing shows what was found; Enter opens the first."""
    page.goto(f"{host}/index.html")
    for typed, kind, label in (
        ("lioresal intra", "brand", "Lioresal Intrathecal"),
        ("muscle", "class", "Muscle Relaxant"),
    ):
        page.fill("#search", typed)
        first = page.locator(".results a").first
        expect(first.locator(".kind")).to_have_text(kind)
        expect(first.locator(".label")).to_have_text(label)
    page.fill("#search", "baclo")
    expect(page.locator(".results a").first.locator(".kind")).to_have_text("monograph")
    page.press("#search", "Enter")
    page.wait_for_url("**/site/monographs/baclofen.html")
    page.fill("#search", "zzzz")
    expect(page.locator("#search-said")).to_contain_text("Nothing is called")


def test_search_works_from_a_folder(page: Page, outputs: Path) -> None:
    """A page that is opened from a disk finds what one from a host finds."""
    page.goto((outputs / "site" / "tables.html").as_uri())
    page.fill("#search", "gablofen")
    page.locator(".results a").first.click()
    page.wait_for_url("**/monographs/baclofen.html#r-brand_names-3")


def test_a_table_is_sorted_by_a_click(page: Page, host: str) -> None:
    """Numbers sort as numbers, first up and then down, and the head says so."""
    page.goto(f"{host}/site/tables.html")
    head = page.locator("thead th").nth(1)
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    up = [int(text.replace(",", "")) for text in page.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert up == sorted(up)
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    down = [int(text.replace(",", "")) for text in page.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert down == sorted(down, reverse=True)


def test_a_cell_leads_to_its_words_and_the_words_back(page: Page, host: str) -> None:
    """Both ends are marked, and both can be seen."""
    page.goto(f"{host}/site/monographs/baclofen.html")
    row, words = page.locator("#r-strengths-7-1"), page.locator("#w-strengths-7-1")
    row.get_by_role("link", name="5 mg/5 mL").click()
    page.wait_for_url("**#w-strengths-7-1")
    expect(words).to_be_in_viewport()
    assert words.inner_text() == "5 mg/5 mL"
    expect(row).to_have_class("on")
    words.get_by_role("link").click()
    page.wait_for_url("**#r-strengths-7-1")
    expect(row).to_be_in_viewport()
    expect(words.locator("a")).to_have_class("w k-strengths on")


def test_a_loader_line_is_copied_with_the_address_of_the_file(page: Page, host: str, outputs: Path) -> None:
    """What is copied loads the table from where the page is."""
    page.goto(f"{host}/site/tables/strengths.html")
    page.get_by_role("button", name="Copy polars").click()
    expect(page.get_by_role("button", name="Copy polars")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    address = f"{host}/releases/1.1.0/data/strengths.parquet"
    assert copied == f'import polars as pl\nstrengths = pl.read_parquet("{address}")'
    fetched = page.request.get(address).body()
    assert fetched == (outputs / "releases/1.1.0/data/strengths.parquet").read_bytes()


def test_a_download_has_the_sum_that_the_page_names(page: Page, host: str) -> None:
    """The button gives the file, and its SHA-256 is the one beside the button."""
    page.goto(f"{host}/site/tables/strengths.html")
    for name in ("strengths.parquet", "strengths.csv"):
        item = page.locator(".files li", has_text=name)
        with page.expect_download() as waiting:
            item.get_by_role("link").click()
        data = Path(waiting.value.path()).read_bytes()
        assert item.locator(".hash").inner_text() == hashlib.sha256(data).hexdigest()


def test_dark_follows_the_system_and_the_reader_has_the_last_word(browser: Browser, host: str) -> None:
    """The choice holds on the next page."""
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{host}/index.html")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.get_by_role("button", name="Light colours").click()
    light = page.evaluate(ground)
    page.goto(f"{host}/site/tables.html")
    assert page.evaluate(ground) == light != dark
    context.close()


def test_everything_can_be_done_with_the_keyboard(page: Page, host: str) -> None:
    """From the skip link through the search to the words of a cell, without a mouse."""
    page.goto(f"{host}/index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    page.keyboard.type("baclofen")
    expect(page.locator(".results a").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/site/monographs/baclofen.html")
    page.locator("#r-brand_names-2 a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#w-brand_names-2")
    page.wait_for_function("document.activeElement.closest('#w-brand_names-2')")
    page.keyboard.press("Enter")
    page.wait_for_url("**#r-brand_names-2")


@pytest.mark.parametrize("width", [320, 768, 1920])
def test_no_page_is_wider_than_its_window(page: Page, host: str, width: int) -> None:
    """From a phone to a wide screen nothing has to be scrolled sideways but a table in its frame."""
    page.set_viewport_size({"width": width, "height": 800})
    for name in PAGES:
        page.goto(f"{host}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name}: {page.evaluate(WIDEST)}"


def test_nothing_moves_while_a_page_loads(page: Page, host: str) -> None:
    """Neither scripts nor styles shift what was already painted."""
    page.add_init_script("""
        window.moved = 0;
        const add = (list) => { for (const entry of list.getEntries()) window.moved += entry.value; };
        new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });""")
    for name in PAGES:
        page.goto(f"{host}/{name}")
        page.wait_for_timeout(100)
        assert page.evaluate("window.moved") < 0.01, name


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_every_kind_of_page_passes_axe(
    browser: Browser, host: str, scheme: Literal["light", "dark"], width: int
) -> None:
    """WCAG 2.2 AA and good practice, as far as a machine can tell, in both colours, wide and narrow."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    for name in PAGES:
        page.goto(f"{host}/{name}")
        found = Axe().run(page, options=AXE)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    context.close()


def test_the_words_of_a_hostile_seed_do_nothing(page: Page, host: str) -> None:
    """Its page is text: no dialog opens, no script fails, and a mark that turns text around is named."""
    page.goto(f"{host}/site/monographs.html")
    page.get_by_role("link", name="Evil").click()
    expect(page.locator("main")).to_contain_text("Rev⟨U+202E⟩ersed")
    page.fill("#search", "script")
    page.wait_for_timeout(200)
    page.fill("#search", "evil")
    expect(page.locator(".results a").first).to_contain_text("<script>alert(1)</script>")
