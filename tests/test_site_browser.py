"""The catalogue in a real browser: Chromium without a window, against a server of files on this computer."""

from __future__ import annotations

import csv
import gzip
import hashlib
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect, sync_playwright

from pipelines.engine.run import read_folder
from pipelines.release import release_tables
from pipelines.site import build_site
from pipelines.site.content import content_of
from pipelines.site.row_parts import row_files
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
    "site/monographs.html", "site/monographs/000_b8639b6b96b8c4e3.txt.html", "site/classes.html", "site/findings.html",
    "site/findings/STRENGTH_UNQUANTIFIED.html", "site/versions.html", "site/versions/1.1.0.html", "site/codes.html",
    "site/about.html", "site/search.html?q=baclofen", "site/sql.html", "site/drugs.html",
    "site/drugs/baclofen.html", "site/findings/FORM_UNKNOWN.html",
    "site/tables/strengths.html#dose_form_name=TABLET&sort=-normalized_value",
)  # fmt: skip
SECOND = """\
Paracetamol
Generic name: paracetamol
Brand names: Panadol, Calpol Infant
Drug class: Non-opioid analgesic
Dosage form: Tablet, Oral suspension
Route of administration: Oral
Available Dose:
- Tablets: 500 mg, 1 g
- Oral suspension: 120 mg/5 mL
Side effects: Common side effects include rash. More serious side effects include hepatotoxicity.
"""
# What is typed, and the kind and the words of the first thing that is found.
QUERIES = (
    ("baclofen", "monograph", "Baclofen"), ("BACLOFEN", "monograph", "Baclofen"), ("baclo", "monograph", "Baclofen"),
    ("baclfen", "monograph", "Baclofen"), ("bacloffen", "monograph", "Baclofen"), ("baclofem", "monograph", "Baclofen"),
    ("balcofen", "monograph", "Baclofen"), ("aclofen", "monograph", "Baclofen"), ("vaclofen", "monograph", "Baclofen"),
    ("abclofen", "monograph", "Baclofen"), ("xbaclofen", "monograph", "Baclofen"),
    ("lioresal intra", "brand", "Lioresal Intrathecal"), ("lioresal intratecal", "brand", "Lioresal Intrathecal"),
    ("gablofen", "brand", "Gablofen"), ("gablofn", "brand", "Gablofen"), ("calpol", "brand", "Calpol Infant"),
    ("infant calpol", "brand", "Calpol Infant"), ("paracetamol", "monograph", "Paracetamol"),
    ("acetaminophen", "monograph", "Paracetamol"), ("acetaminofen", "monograph", "Paracetamol"),
    ("paracetmol", "monograph", "Paracetamol"), ("muscle relaxant", "class", "Muscle Relaxant"),
    ("muscel relaxant", "class", "Muscle Relaxant"), ("drowsiness", "reaction", "drowsiness"),
    ("drowsines", "reaction", "drowsiness"), ("C42998", "code", "TABLET"), ("intrathecal", "code", "INTRATHECAL"),
    ("normalized_value", "column", "normalized_value"), ("spasticity", "text", "Baclofen"),
    ("hepatotoxicity", "reaction", "hepatotoxicity"),
    ("spastcity", "text", "Baclofen"), ("spasticiti", "text", "Baclofen"), ("spsaticity", "text", "Baclofen"),
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
        (seeds / "second.txt").write_text(SECOND, encoding="utf-8")
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


LARGEST_SCRIPTS = 150_000  # bytes, compressed: all that the page of a table may run


def test_the_scripts_of_a_table_are_small(page: Page, host: str, outputs: Path) -> None:
    """With the grid and the search, what a page of a table runs stays small; data is not counted."""
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url) if "/assets/" in request.url else None)
    page.goto(f"{host}/site/tables/strengths.html")
    page.fill("#search", "baclofen")
    expect(page.locator(".results li a").first).to_be_visible()
    scripts = {url.removeprefix(f"{host}/") for url in loaded if url.endswith(".js")}
    assert len(scripts) >= 6
    assert sum(len(gzip.compress((outputs / name).read_bytes())) for name in scripts) < LARGEST_SCRIPTS


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
        first = page.locator(".results li a").first
        expect(first.locator(".kind")).to_have_text(kind)
        expect(first.locator(".label")).to_have_text(label)
    page.fill("#search", "baclo")
    expect(page.locator(".results li a").first.locator(".kind")).to_have_text("monograph")
    page.press("#search", "Enter")
    page.wait_for_url("**/site/monographs/000_b8639b6b96b8c4e3.txt.html")
    page.fill("#search", "zzzz")
    expect(page.locator("#search-said")).to_contain_text("Nothing is called")


def test_search_works_from_a_folder(page: Page, outputs: Path) -> None:
    """A page that is opened from a disk finds what one from a host finds."""
    page.goto((outputs / "site" / "tables.html").as_uri())
    page.fill("#search", "gablofen")
    page.locator(".results li a").first.click()
    page.wait_for_url("**/monographs/000_b8639b6b96b8c4e3.txt.html#r-brand_names-3")


@pytest.mark.slow
def test_each_query_finds_its_page(page: Page, outputs: Path) -> None:
    """Typos, prefixes, two words, codes, columns, words of the text and second names, from a folder."""
    page.goto((outputs / "site" / "about.html").as_uri())
    missed = []
    for typed, kind, label in QUERIES:
        page.fill("#search", typed)
        page.wait_for_function(
            "(typed) => document.querySelector('.results .all').textContent.includes(typed)", arg=typed
        )
        found = page.locator(".results li a").first
        if (found.locator(".kind").inner_text(), found.locator(".label").inner_text()) != (kind, label):
            missed.append((typed, page.locator(".results li").all_inner_texts()[:3]))
    assert missed == []


def test_results_have_a_page_of_their_own(page: Page, outputs: Path) -> None:
    """The address holds the query; kinds stand apart, and a word of a text leads to its section."""
    page.goto((outputs / "site" / "search.html").as_uri() + "?q=spasticity")
    expect(page.locator(".all-said")).to_have_text("For “spasticity”.")
    page.get_by_role("region", name="In the text").get_by_role("link", name="Baclofen").click()
    page.wait_for_url("**/monographs/*.html#r-sections-*")


def of_duckdb(outputs: Path, query: str) -> list[tuple[object, ...]]:
    """What DuckDB gives for a query over the table of strengths."""
    file = outputs / "releases" / "1.1.0" / "data" / "strengths.parquet"
    return duckdb.execute(query.replace("strengths", f"'{file}'")).fetchall()


def check_selection(page: Page, outputs: Path, address: str) -> None:
    """Choosing a form and a unit by hand counts as DuckDB does, and the CSV holds those rows."""
    page.goto(address)
    where = "WHERE dose_form_name = 'TABLET' AND normalized_unit_code = 'mg'"
    for column, value in (("dose_form_name", "TABLET"), ("normalized_unit_code", "mg")):
        filters = page.locator(".rows-filters > details", has=page.locator(f"summary >> text=/^{column}/"))
        if filters.get_attribute("open") is None:
            filters.locator("summary").click()
        counted = filters.locator("label", has=page.locator(f"bdi >> text=/^{value}$/"))
        others = "WHERE dose_form_name = 'TABLET'" if column == "normalized_unit_code" else ""
        ((expected,),) = of_duckdb(
            outputs,
            f"SELECT count(*) FROM strengths {others or 'WHERE true'} AND {column} = '{value}'",  # noqa: S608
        )
        expect(counted.locator(".number")).to_have_text(f"{expected:,}")
        counted.locator("input").check()
    ((count,), (total,)) = of_duckdb(
        outputs,
        f"SELECT count(*) FROM strengths {where} UNION ALL SELECT count(*) FROM strengths",  # noqa: S608
    )
    expect(page.locator(".rows-said")).to_have_text(f"{count:,} row{'' if count == 1 else 's'} of {total:,}")
    assert "dose_form_name=TABLET&normalized_unit_code=mg" in page.url
    with page.expect_download() as waiting:
        page.locator(".rows-csv").click()
    header, *rows = csv.reader(Path(waiting.value.path()).read_text(encoding="utf-8").splitlines())
    expected_rows = of_duckdb(outputs, f"SELECT {', '.join(header)} FROM strengths {where}")  # noqa: S608
    assert len(rows) == count
    numbers = [at for at, name in enumerate(header) if name.endswith("_value")]
    for row, known in zip(rows, expected_rows, strict=True):
        told = ["" if cell is None else str(cell) for cell in known]
        for at in numbers:
            assert (float(row[at]) if row[at] else None) == known[at]
        assert [it for at, it in enumerate(row) if at not in numbers] == [
            it for at, it in enumerate(told) if at not in numbers
        ]


def test_rows_are_chosen_on_a_host(page: Page, host: str, outputs: Path) -> None:
    """Facets, counts and the CSV of the selection, over HTTP."""
    check_selection(page, outputs, f"{host}/site/tables/strengths.html")


@pytest.mark.slow
def test_rows_are_chosen_in_a_folder(page: Page, outputs: Path) -> None:
    """Facets, counts and the CSV of the selection, from a disk."""
    check_selection(page, outputs, (outputs / "site" / "tables" / "strengths.html").as_uri())


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_chosen_in_a_folder(page: Page, outputs: Path, tmp_path: Path) -> None:
    """What holds for a few rows holds for 100,000, in parts that are loaded as they are needed."""
    copy = Path(shutil.copytree(outputs, tmp_path / "outputs"))
    file = copy / "releases" / "1.1.0" / "data" / "strengths.parquet"
    few = pq.read_table(file)
    many = pa.concat_tables([few] * (100_000 // few.num_rows + 1)).slice(0, 100_000).combine_chunks()
    file.unlink()
    pq.write_table(many, file, row_group_size=65_536)
    with content_of(copy) as content:
        large = replace(
            content,
            manifest=content.manifest | {"tables": content.manifest["tables"] | {"strengths": {"rows": many.num_rows}}},
            shapes={"strengths": content.shapes["strengths"]},
        )
        for place, data in row_files(large):
            (copy / place).write_bytes(data)
    check_selection(page, copy, (copy / "site" / "tables" / "strengths.html").as_uri())


def test_sql_is_answered_in_a_folder(page: Page, outputs: Path) -> None:
    """The answer is that of DuckDB, its CSV can be taken, the address keeps the question, and an error is told."""
    page.goto((outputs / "site" / "sql.html").as_uri())
    query = (
        "SELECT dose_form_name, COUNT(*) AS n FROM strengths GROUP BY dose_form_name ORDER BY n DESC, dose_form_name"
    )
    page.fill("#sql", query)
    page.get_by_role("button", name="Run").click()
    expected = of_duckdb(outputs, query.replace("dose_form_name ORDER", "ALL ORDER") + " NULLS LAST")
    expect(page.locator(".sql-said")).to_have_text(f"{len(expected)} rows.")
    shown = [row.split("\t") for row in page.locator(".sql-result tbody tr").all_inner_texts()]
    assert sorted(shown) == sorted([str(form).replace("None", "null"), str(count)] for form, count in expected)
    with page.expect_download() as waiting:
        page.locator(".sql-csv").click()
    assert len(Path(waiting.value.path()).read_text(encoding="utf-8").splitlines()) == len(expected) + 1
    page.reload()
    expect(page.locator(".sql-said")).to_have_text(f"{len(expected)} rows.")
    page.fill("#sql", "SELECT nothing")
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".sql-said")).to_contain_text("That could not be run")


def test_an_address_holds_the_choice_of_rows(page: Page, host: str, outputs: Path) -> None:
    """Filters, order and columns come from the hash; a head sorts all rows; a row has an address of its own."""
    page.goto(
        f"{host}/site/tables/strengths.html#normalized_value.min=5&sort=-normalized_value&columns=normalized_value,monograph_id"
    )
    cells = page.locator(".tabulator-cell[tabulator-field=normalized_value]")
    expect(cells.first).to_be_visible()
    expected = of_duckdb(
        outputs, "SELECT normalized_value FROM strengths WHERE normalized_value >= 5 ORDER BY normalized_value DESC"
    )
    assert [float(text) for text in cells.all_inner_texts()] == [value for (value,) in expected][:50]
    expect(page.locator(".tabulator-col[aria-sort=descending]")).to_have_count(1)
    page.get_by_role("button", name="monograph_id", exact=True).click()
    page.wait_for_url("**sort=monograph_id**")
    page.locator(".tabulator-cell[tabulator-field=_row] a").nth(1).click()
    expect(page.locator(".rows-said")).to_contain_text("1 row of")
    page.get_by_role("button", name="Take away strength_no").click()
    expect(page.locator(".rows-said")).not_to_contain_text("1 row of")


def test_columns_are_chosen_and_put_in_order(page: Page, host: str) -> None:
    """A column comes with a tick and goes forward with a button, and the address keeps it."""
    page.goto(f"{host}/site/tables/routes.html")
    page.locator(".rows-columns summary").click()
    page.get_by_role("checkbox", name="route_code").check()
    expect(page.locator(".tabulator-col[tabulator-field=route_code]")).to_be_visible()
    page.get_by_role("button", name="route_code: earlier").click()
    page.wait_for_url("**columns=*route_code**")
    fields = page.locator(".tabulator-col[tabulator-field]").evaluate_all(
        "(all) => all.map((it) => it.getAttribute('tabulator-field'))"
    )
    assert fields.index("route_code") == len(fields) - 2


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
    page.goto(f"{host}/site/monographs/000_b8639b6b96b8c4e3.txt.html")
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_everything_can_be_done_with_the_keyboard(page: Page, host: str) -> None:
    """From the skip link through the search to the words of a cell, without a mouse."""
    page.goto(f"{host}/index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    page.keyboard.type("baclofen")
    expect(page.locator(".results li a").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/site/monographs/000_b8639b6b96b8c4e3.txt.html")
    page.locator("#r-brand_names-2 a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#w-brand_names-2")
    page.wait_for_function("document.activeElement.closest('#w-brand_names-2')")
    page.keyboard.press("Enter")
    page.wait_for_url("**#r-brand_names-2")


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 768, 1920])
def test_no_page_is_wider_than_its_window(page: Page, host: str, width: int) -> None:
    """From a phone to a wide screen nothing has to be scrolled sideways but a table in its frame."""
    page.set_viewport_size({"width": width, "height": 800})
    for name in PAGES:
        page.goto(f"{host}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name}: {page.evaluate(WIDEST)}"


@pytest.mark.slow
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


@pytest.mark.slow
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
    expect(page.locator(".results li a").first).to_contain_text("<script>alert(1)</script>")
