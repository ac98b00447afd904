"""The catalogue as files: links lead somewhere, words are only words, and what has not changed is left alone."""

from __future__ import annotations

import base64
import csv
import html
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import site
from pipelines.command import Answer
from pipelines.command.site import with_catalogue
from pipelines.engine.run import read_folder
from pipelines.release import ReleaseError, release_tables
from pipelines.release.publish.events import withdraw, yank
from pipelines.site import build_site, monograph_pages, refresh_site, row_parts, search_index
from pipelines.site.annotated import MarkedSpan, mark
from pipelines.site.content import content_of
from pipelines.site.places import monograph
from schemas import codes
from tests.generate import monographs

HOSTILE = """\
Evil <script>alert(1)</script>
Generic name: evil<img src=x onerror=alert(1)> [ EE-vil ]
Brand names: "><b>Bold</b>, =HYPERLINK("https://evil.example"), Rev\u202eersed, </script><script>alert(2)</script>
Drug class: Muscle Relaxant' onmouseover='alert(3)
Dosage form: Tablet, Injectable solution (Intrathecal)
Route of administration: Oral, Intrathecal
Available Dose:
- Tablets: 5mg, 10 mg/20 mg, &lt;5 mg
Side effects: Common side effects include drowsiness, <i>dizziness</i> and שלום. Serious: {{ 7 * 7 }} {% raw %}.
Use during pregnancy or breastfeeding: FDA pregnancy category C.
"""
PLAIN = (
    "Aspirin\nGeneric name: aspirin\nDrug class: Antiplatelet\nDosage form: Tablet\nAvailable Dose:\n- Tablets: {} mg\n"
)
LARGEST_FIRST_PAGE = 100_000  # bytes: the page and everything that it loads


def release(seeds: Path, outputs: Path) -> None:
    """Reads the seeds and publishes what changed."""
    release_tables(read_folder(seeds).tables, {}, outputs, accept_large_change="a test")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seeds, and two versions with a catalogue; not to be changed."""
    folder = tmp_path_factory.mktemp("project")
    seeds = folder / "seeds"
    seeds.mkdir()
    (seeds / "hostile.txt").write_text(HOSTILE, encoding="utf-8")
    (seeds / "plain.txt").write_text(PLAIN.format(75), encoding="utf-8")
    for name, text in monographs(5):
        (seeds / Path(name).name).write_text(text, encoding="utf-8")
    release(seeds, folder / "outputs")
    (seeds / "plain.txt").write_text(PLAIN.format(80), encoding="utf-8")
    release(seeds, folder / "outputs")
    build_site(folder / "outputs")
    return folder


@pytest.fixture
def changed(project: Path, tmp_path: Path) -> Path:
    """A copy that may be changed."""
    return shutil.copytree(project, tmp_path / "project")


class Read(HTMLParser):
    """What a browser would take from a page: links, anchors, scripts, text."""

    def __init__(self, text: str) -> None:
        """Reads all of it."""
        super().__init__()
        self.links: list[str] = []
        self.ids: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.tags: Counter[str] = Counter()
        self.inline: list[str] = []
        self.text = ""
        self._in: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes note of what an element may load, run or be called."""
        self.tags[tag] += 1
        self._in.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in ("href", "src", "action", "data-address") and value:
                self.links.append(value)
            if name == "id" and value:
                self.ids[value] += 1

    def handle_endtag(self, tag: str) -> None:
        """Leaves the element."""
        while self._in and self._in.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Text, or what stands inside of a script."""
        if self._in[-1:] in (["script"], ["style"]):
            self.inline.append(data.strip())
        self.text += data


class Linked(NamedTuple):
    """A link of a page: the file that it leads to, and the anchor in it."""

    page: Path
    target: Path
    anchor: str


def pages_in(outputs: Path) -> dict[Path, Read]:
    """Every page of a catalogue."""
    paths = [outputs / "index.html", *(outputs / "site").rglob("*.html")]
    return {path.resolve(): Read(path.read_text(encoding="utf-8")) for path in paths}


def links_in(pages: dict[Path, Read]) -> Iterator[Linked]:
    """Every link of every page."""
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            assert (parts.scheme, parts.netloc, parts.path[:1]) != ("", "", "/"), f"{path}: {link}"
            assert not parts.scheme, f"{path}: {link}"
            assert not parts.netloc, f"{path}: {link}"
            target = path.parent / unquote(parts.path) if parts.path else path
            yield Linked(path, target.resolve(), unquote(parts.fragment))


def state(outputs: Path) -> dict[str, tuple[int, int]]:
    """Inode and time of change of every file of the catalogue."""
    files = [outputs / "index.html", *(path for path in (outputs / "site").rglob("*") if path.is_file())]
    return {path.relative_to(outputs).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def test_every_link_leads_to_a_file_and_an_anchor_inside_the_outputs(project: Path) -> None:
    """Links are relative and stay inside, so that any path on any host will do; anchors are there, once.

    A hash that chooses rows names columns that the page describes.
    """
    outputs = (project / "outputs").resolve()
    pages = pages_in(outputs)
    for link in links_in(pages):
        assert link.target.is_relative_to(outputs), link
        assert link.target.exists(), link
        if "=" in link.anchor:
            chosen = parse_qs(link.anchor)
            columns = {*chosen.pop("null", []), *chosen}
            assert columns <= pages[link.target].ids.keys(), link
        elif link.anchor:
            assert link.anchor in pages[link.target].ids, link
    assert [path for path, page in pages.items() if any(number > 1 for number in page.ids.values())] == []


def test_no_page_runs_or_styles_anything_of_its_own(project: Path) -> None:
    """Each page forbids what is not a file of the catalogue, and holds no script, style or handler itself."""
    for path, page in pages_in(project / "outputs").items():
        text = path.read_text(encoding="utf-8")
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in text, path
        assert page.inline == [], path
        assert "style" not in page.attributes, path
        assert not any(name.startswith("on") for name in page.attributes), path
        assert page.tags["iframe"] + page.tags["object"] + page.tags["base"] == 0, path


def test_the_words_of_a_hostile_seed_are_words(project: Path) -> None:
    """Marks of HTML, templates and formulas are shown as they are printed; what turns text around is named."""
    folder = project / "outputs" / "site" / "monographs"
    (path,) = folder.glob("hostile*.html")
    page = Read(path.read_text(encoding="utf-8"))
    for words in (
        "<script>alert(1)</script>", '"><b>Bold</b>', '=HYPERLINK("https://evil.example")', "Rev⟨U+202E⟩ersed",
        "</script><script>alert(2)</script>", "onmouseover='alert(3)", "&lt;5 mg", "<i>dizziness</i>", "שלום",
        "{{ 7 * 7 }} {% raw %}",
    ):  # fmt: skip
        assert words in page.text, words
    assert page.tags["b"] + page.tags["i"] + page.tags["img"] == 0


def test_no_file_of_the_catalogue_holds_a_raw_mark_of_a_seed(project: Path) -> None:
    """Neither pages nor the search index: what was `<script>` in a seed begins with another character everywhere."""
    files = [project / "outputs" / "index.html", *(project / "outputs" / "site").rglob("*.*")]
    for path in files:
        data = path.read_bytes()
        assert b"<script>alert" not in data, path
        assert b"<img src=x" not in data, path
        assert "\u202e".encode() not in data, path


def given_by(path: Path) -> tuple[str, Any]:
    """Name and value that a file of script gives."""
    called = re.fullmatch(r"catalogue\.give\((.*)\);\n", path.read_text(encoding="ascii"))
    assert called, path
    assert "<" not in called[1]
    name, value = json.loads(f"[{called[1]}]")
    return name, value


def test_data_files_are_a_call_with_plain_json(project: Path) -> None:
    """What a page loads is ASCII and JSON, so that no title can become code, and gives the name it was asked by."""
    site_folder = project / "outputs" / "site"
    files = [path for folder in ("search", "rows") for path in (site_folder / folder).rglob("*.js")]
    assert len(files) > 100
    for path in files:
        assert given_by(path)[0] == path.relative_to(site_folder).with_suffix("").as_posix()


def test_the_rows_of_a_page_are_those_of_the_file(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """However a column is kept and cut into parts, its parts together hold the cells of the published table."""
    monkeypatch.setattr(row_parts, "_MOST_ROWS", 3)
    monkeypatch.setattr(row_parts, "_FEW", 6)
    with content_of(project / "outputs") as content:
        for place, data in row_parts.row_files(content):
            (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / place).write_bytes(data)
        shapes = content.shapes
    ways = set()
    for name in shapes:
        folder = tmp_path / "site" / "rows" / name
        about = given_by(folder / "table.js")[1]
        table = pq.read_table(project / "outputs" / "releases" / "1.0.1" / "data" / f"{name}.parquet")
        assert about["rows"] == table.num_rows
        for column in about["columns"]:
            cells: list[object] = []
            for number, start in enumerate(column["starts"]):
                assert start == len(cells)
                values, codes = given_by(folder / f"{column['name']}-{number}.js")[1]
                ways.add((values is None, codes is None))
                if values is None:
                    values = [None, *(value for value, _ in column["few"])]
                wide = column["bytes"] if column["few"] is not None else 1 if len(values) <= 256 else 2
                numbers = (
                    np.frombuffer(base64.b64decode(codes), f"<u{wide}") if codes is not None else range(len(values))
                )
                cells += [values[at] for at in numbers]
            assert cells == table[column["name"]].to_pylist(), (name, column["name"])
            if column["few"] is not None:
                assert dict(column["few"]) == Counter(cell for cell in cells if cell is not None)
    assert len(ways) == 3


def test_a_finding_comes_with_the_rows_that_would_clear_it(tmp_path: Path) -> None:
    """Each row on offer has the cells of its table, the words that were found, and a code of the list or a note."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "bar.txt").write_text(PLAIN.format(75).replace("Tablet", "Chewy bar"), encoding="utf-8")
    release(tmp_path / "seeds", tmp_path / "outputs")
    build_site(tmp_path / "outputs")
    folder = tmp_path / "outputs" / "site" / "findings"
    page = (folder / "FORM_UNKNOWN.html").read_text(encoding="utf-8")
    offered = [html.unescape(row) for row in re.findall(r'<code data-row="dose_form_synonyms\.csv">(.*?)</code>', page)]
    columns = list(codes.rows("dose_form_synonyms")[0])
    rows = [dict(zip(columns, row, strict=True)) for row in csv.reader(offered)]
    assert len(rows) > 1
    for row in rows:
        assert row["text"] == "chewy bar"
        assert row["code"] in codes.by_code("dose_forms") or (not row["code"] and row["note"])
    assert ("C42893", "TABLET, CHEWABLE") in [
        (row["code"], codes.by_code("dose_forms")[row["code"]]["name"]) for row in rows if row["code"]
    ]


def test_no_two_identifiers_have_one_page() -> None:
    """Capitals, folders, marks and long names: what differs has another page, also on a disk that folds case."""
    names = [
        "a.txt",
        "A.txt",
        "a/b.txt",
        "a-b.txt",
        "a~2fb.txt",
        "é",
        "e\u0301",
        "x" * 200,
        "x" * 201,
        "setid:1#2",
        "setid:1",
    ]
    assert len({monograph(name).lower() for name in names}) == len(names)
    assert all(len(Path(monograph(name)).name) < 143 for name in names)


def test_the_same_outputs_give_the_same_bytes(project: Path, tmp_path: Path) -> None:
    """A catalogue made anew from log and releases, in another folder, is the same to the byte."""
    bare = tmp_path / "outputs"
    shutil.copytree(project / "outputs", bare, ignore=shutil.ignore_patterns("site", "index.html"))
    build_site(bare)
    for name in state(project / "outputs"):
        assert (bare / name).read_bytes() == (project / "outputs" / name).read_bytes(), name
    assert state(bare).keys() == state(project / "outputs").keys()


def test_nothing_is_written_where_nothing_has_changed(changed: Path) -> None:
    """A second build writes no file; a refresh does not even look."""
    outputs = changed / "outputs"
    before = state(outputs)
    built = build_site(outputs)
    assert (built.written, built.removed) == (0, 0)
    assert refresh_site(outputs).files is None
    assert state(outputs) == before


def test_a_changed_seed_rewrites_its_own_page_and_no_other_monograph(changed: Path) -> None:
    """Pages of monographs that a release leaves as they were are left as they are."""
    outputs = changed / "outputs"
    before = state(outputs)
    (changed / "seeds" / "plain.txt").write_text(PLAIN.format(90), encoding="utf-8")
    release(changed / "seeds", outputs)
    assert refresh_site(outputs).written > 0
    rewritten = {name for name, now in state(outputs).items() if before.get(name) != now}
    assert {name for name in rewritten if "/monographs/" in name} == {"site/monographs/plain.txt.html"}


def test_a_damaged_page_is_mended(changed: Path) -> None:
    """`monographs site` compares every page with what it must be."""
    page = changed / "outputs" / "site" / "about.html"
    good = page.read_bytes()
    page.write_bytes(good.replace(b"Licences", b"Licenses"))
    assert build_site(changed / "outputs").written == 1
    assert page.read_bytes() == good


def test_an_address_outlives_its_monograph(changed: Path) -> None:
    """The page of a monograph that is retired says so; nothing of its text is left, nor is it found by searching."""
    (changed / "seeds" / "plain.txt").unlink()
    outputs = changed / "outputs"
    release(changed / "seeds", outputs)
    build_site(outputs)
    page = (outputs / "site" / "monographs" / "plain.txt.html").read_text(encoding="utf-8")
    assert "no longer published since version 2.0.0" in page or "no longer published since version 1.1.0" in page
    assert "Antiplatelet" not in page
    assert "spirin" not in "".join(p.read_text(encoding="ascii") for p in (outputs / "site" / "search").iterdir())


def test_a_withdrawn_release_leaves_no_words(changed: Path) -> None:
    """After a withdrawal the catalogue shows what is still offered, and the reason."""
    outputs = changed / "outputs"
    withdraw(outputs, "1.0.1", "its owner objects <b>")
    build_site(outputs)
    assert "80 mg" not in (outputs / "site" / "monographs" / "plain.txt.html").read_text(encoding="utf-8")
    assert not (outputs / "site" / "versions" / "1.0.1.html").exists()
    versions = Read((outputs / "site" / "versions.html").read_text(encoding="utf-8")).text
    assert "Withdrawn: its owner objects <b>" in versions
    test_every_link_leads_to_a_file_and_an_anchor_inside_the_outputs(changed)


def test_where_nothing_is_offered_the_first_page_says_so(changed: Path) -> None:
    """With every version yanked there are no tables to show, and still no broken link."""
    outputs = changed / "outputs"
    for version in ("1.0.0", "1.0.1"):
        yank(outputs, version, "wrong")
    build_site(outputs)
    assert "No release is offered now" in (outputs / "index.html").read_text(encoding="utf-8")
    assert not list((outputs / "site").glob("monographs/*"))
    test_every_link_leads_to_a_file_and_an_anchor_inside_the_outputs(changed)


def test_rendered_notebooks_are_linked_and_left_alone(changed: Path) -> None:
    """What others put into the folder of notebooks stays there, and the first page leads to it."""
    folder = changed / "outputs" / "site" / "notebooks"
    folder.mkdir()
    (folder / "quick_start.html").write_text("<!doctype html><title>Quick start</title>", encoding="utf-8")
    assert refresh_site(changed / "outputs").written > 0
    home = (changed / "outputs" / "index.html").read_text(encoding="utf-8")
    assert 'href="site/notebooks/quick_start.html"' in home
    assert (folder / "quick_start.html").exists()


def test_a_difference_tells_the_cell_and_leads_to_it(project: Path) -> None:
    """The page of a version shows old and new value, the reason, and links the row in its document."""
    path = project / "outputs" / "site" / "versions" / "1.0.1.html"
    page = Read(path.read_text(encoding="utf-8"))
    assert "plain.txt" in page.text
    assert "75 mg" in page.text
    assert "80 mg" in page.text
    assert "../monographs/plain.txt.html#r-strengths-1-1" in page.links


def test_the_first_page_is_small(project: Path) -> None:
    """The first page with everything that it loads stays under 100 kB."""
    outputs = project / "outputs"
    text = (outputs / "index.html").read_text(encoding="utf-8")
    loaded = [outputs / "index.html", *(outputs / link for link in re.findall(r'"(site/assets/[^"]+)"', text))]
    assert len(loaded) >= 6
    assert sum(path.stat().st_size for path in loaded) < LARGEST_FIRST_PAGE


def test_downloads_name_the_sum_of_the_file(project: Path) -> None:
    """The SHA-256 on the page of a table is that of SHA256SUMS."""
    outputs = project / "outputs"
    page = Read((outputs / "site" / "tables" / "strengths.html").read_text(encoding="utf-8"))
    sums = (outputs / "releases" / "1.0.1" / "SHA256SUMS").read_text(encoding="ascii")
    for name in ("data/strengths.parquet", "data/strengths.csv"):
        (found,) = re.findall(rf"([0-9a-f]{{64}})  {name}\n", sums)
        assert found in page.text
        assert f"../../releases/1.0.1/{name}" in page.links


def test_every_word_of_a_title_is_found_through_one_part(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """However finely the index is cut, the longest part that a word begins with has the thing, if it is whole."""
    monkeypatch.setattr(search_index, "_WHOLE", 2)
    monkeypatch.setattr(search_index, "_FIRST", 1)
    with content_of(project / "outputs") as content:
        titles = [row["title"] for row in content.rows("SELECT title FROM monographs")]
        for place, data in search_index.search_files(content):
            (tmp_path / Path(place).name).write_bytes(data)
    names = given_by(tmp_path / "parts.js")[1]["things"]
    parts = {name: given_by(tmp_path / f"w-{search_index.plain_name(name)}.js")[1] for name in names}
    for title in titles:
        for word in re.findall(r"[^\W_]+", title.lower()):
            name = max((name for name in parts if word.startswith(name)), key=len)
            is_whole, things = parts[name]
            assert not is_whole or title in [thing[0] for thing in things], (title, word)
            _, of_the_word = parts.get(f"{word} ", (True, [[title]]))
            assert title in [thing[0] for thing in of_the_word], (title, word)
            if not word.isdecimal():
                assert word in given_by(tmp_path / f"t-{word[0]}.js")[1]
                assert len(word) == 1 or word in given_by(tmp_path / f"s-{search_index.plain_name(word[1])}.js")[1]
    assert len(parts) > len({name[0] for name in parts})
    assert any(name.endswith(" ") for name in parts)


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(-3, 33), st.integers(-3, 33)), max_size=8))
def test_pieces_are_the_text_and_lead_to_every_span(text: str, edges: list[tuple[int, int]]) -> None:
    """Whatever spans overlap: pieces are the text, those of a span are its words, and each span is led to."""
    spans = [MarkedSpan(f"s{no}", "strengths", min(pair), max(pair)) for no, pair in enumerate(edges)]
    (pieces,) = mark([(text, 0)], spans)
    assert "".join(piece.text for piece in pieces) == text
    for span in spans:
        own = [piece for piece in pieces if span in piece.spans]
        words = text[max(span.start, 0) : max(span.end, 0)]
        assert "".join(piece.text for piece in own) == words
        assert sum(span in piece.first for piece in own) == bool(words)
        is_cut_off = span.end > len(text)
        assert not words or is_cut_off or any(piece.spans[0] == span or span in piece.also for piece in own)


def test_any_tables_that_may_be_released_can_be_shown(outputs: Path) -> None:
    """Spans that lie nowhere in the text and rows that belong to no section are shown, and no link is broken."""
    build_site(outputs)
    pages = pages_in(outputs)
    assert [link for link in links_in(pages) if not link.target.exists()] == []
    assert any("From no section" in path.read_text(encoding="utf-8") for path in (outputs / "site").rglob("*.html"))


def test_tables_of_another_time_are_one_sentence(outputs: Path) -> None:
    """Where the latest release lacks a column that the pages show, the error names the release and the remedy."""
    path = outputs / "releases" / "1.0.1" / "data" / "routes.parquet"
    table = pq.read_table(path)
    path.unlink()
    pq.write_table(table.drop_columns("route_name"), path)
    with pytest.raises(ReleaseError, match=r"releases/1\.0\.1: has other tables than these pages show"):
        build_site(outputs)


def test_the_command_says_where_the_catalogue_is(changed: Path) -> None:
    """`monographs site` names the first page and counts what it did; without a release it says what to do."""
    command = [sys.executable, "-m", "pipelines.cli", "site", "--outputs"]
    ran = subprocess.run([*command, changed / "outputs"], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith(f"{changed / 'outputs' / 'index.html'}: ")
    assert "0 written" in ran.stdout
    refused = subprocess.run([*command, changed / "none"], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "no release yet" in refused.stderr


def test_a_release_whose_pages_cannot_be_made_is_told_of(tmp_path: Path) -> None:
    """The command says what it released, that it stands, and how its pages are made."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "plain.txt").write_text(PLAIN.format(75), encoding="utf-8")
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "site").write_text("a file, where a folder should be", encoding="utf-8")
    folders = ["--seeds", str(tmp_path / "seeds"), "--outputs", str(tmp_path / "outputs")]
    command = [sys.executable, "-m", "pipelines.cli", "release"]
    ran = subprocess.run([*command, *folders], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("Released 1.0.0 in ")
    assert "the catalogue was not refreshed; `monographs site` makes it" in ran.stdout
    assert "nothing was published" not in ran.stdout


def test_an_interruption_while_pages_are_made_does_not_hide_the_release(
    changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer of the release stays, the exit code is that of an interruption."""

    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(site, "refresh_site", interrupted)
    answer = with_catalogue(Answer(["Released 1.0.1"]), changed / "outputs")
    assert (answer.lines[0], answer.exit_code, answer.is_report) == ("Released 1.0.1", 130, True)
    assert "the release stands" in answer.lines[1]


def test_a_long_list_is_reached_by_letter(changed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where monographs fill several pages, each letter leads to its first title, on the page that it is on."""
    monkeypatch.setattr(monograph_pages, "_IN_A_LIST", 2)
    build_site(changed / "outputs")
    folder = changed / "outputs" / "site"
    lists = {path.name: path.read_text(encoding="utf-8") for path in (folder / "lists").iterdir()}
    links = re.findall(
        r'href="lists/(\d+\.html)#(letter-\w+)">', (folder / "monographs.html").read_text(encoding="utf-8")
    )
    begun = {anchor: name for name, text in lists.items() for anchor in re.findall(r'id="(letter-\w+)"', text)}
    assert {anchor: name for name, anchor in links} == begun
    assert 'id="letter-A"><th scope="row"><a href="../monographs/plain.txt.html">' in lists[begun["letter-A"]]
    assert len(lists) > 1
