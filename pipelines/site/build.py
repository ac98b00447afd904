"""Makes the catalogue: every page, every part of the search index, style and script."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from pipelines.release import read_index
from pipelines.release.failures import using
from pipelines.release.layout import inside
from pipelines.release.log import Record
from pipelines.site import places
from pipelines.site.content import Content, content_of
from pipelines.site.drug_pages import class_pages, drug_pages
from pipelines.site.monograph_pages import list_pages, monograph_pages
from pipelines.site.overview_pages import about_page, home_page, notebooks_in
from pipelines.site.rendering import SitePage, page_html
from pipelines.site.review_pages import review_pages
from pipelines.site.row_parts import row_files
from pipelines.site.search_index import search_files
from pipelines.site.stamp import stamp_of
from pipelines.site.table_pages import table_pages
from pipelines.site.version_pages import version_pages

_HERE = Path(__file__).parent
_MADE_FROM = f"{places.SITE}/made-from.txt"
_STANDS = "what is published stands"


@dataclass(frozen=True, slots=True)
class Built:
    """How many files and bytes the catalogue has, None where nobody looked; how many files were written and removed."""

    home: Path
    files: int | None = None
    written: int = 0
    removed: int = 0
    size: int | None = None


def build_site(outputs: Path, *, trusting: bool = False) -> Built:
    """Makes every page and writes those that have changed. Raises a ReleaseError where the outputs cannot be used.

    `trusting` leaves a page of a monograph alone, unread, where it says that it was made from the same rows.
    """
    with using(outputs, _STANDS), content_of(outputs) as content:
        writer = Writer(outputs)
        for path in sorted((_HERE / "assets").rglob("*.*")):
            writer.put(f"{places.ASSETS}/{path.relative_to(_HERE / 'assets').as_posix()}", path.read_bytes())
        for page in _pages(content):
            if not (trusting and page.stamp and writer.keep(page.place, page.stamp)):
                writer.put(page.place, page_html(page, is_offered=bool(content.manifest)))
        if content.manifest:
            for place, data in chain(search_files(content), row_files(content)):
                writer.put(place, data)
        writer.put(_MADE_FROM, _made_from(outputs, content.index))
        removed = writer.finish()
        return Built(outputs / places.HOME, writer.files, writer.written, removed, writer.size)


def refresh_site(outputs: Path) -> Built:
    """The same, trusting, and done at once where log, code and notebooks are those of the catalogue."""
    with using(outputs, _STANDS):
        made_from = outputs / _MADE_FROM
        is_current = made_from.is_file() and made_from.read_bytes() == _made_from(outputs, read_index(outputs))
    return Built(outputs / places.HOME) if is_current else build_site(outputs, trusting=True)


def _pages(content: Content) -> Iterator[SitePage]:
    yield from version_pages(content)
    if content.manifest:
        yield from table_pages(content)
        yield from monograph_pages(content)
        yield from list_pages(content)
        yield from drug_pages(content)
        yield from class_pages(content)
        yield from review_pages(content)
        yield about_page(content)
        yield SitePage(places.SEARCH_PAGE, "search.html")
    yield home_page(content)


def _made_from(outputs: Path, index: Record) -> bytes:
    return f"{stamp_of(index, notebooks_in(outputs))}\n".encode()


# ---- the files: only those that have changed are written, each whole or not at all

_UNFINISHED = ".part"
_HEAD = 1024  # bytes: the stamp of a page stands among the first lines


@dataclass(slots=True)
class Writer:
    """Keeps account of what belongs to the catalogue; `finish` removes the rest of its folder."""

    outputs: Path
    written: int = 0
    size: int = 0
    _kept: set[str] = field(default_factory=set)

    @property
    def files(self) -> int:
        """How many files the catalogue has."""
        return len(self._kept)

    def put(self, place: str, data: bytes) -> None:
        """Gives the file at a place these bytes, and leaves it alone where it has them."""
        path = inside(self.outputs, place)
        self._kept.add(place)
        self.size += len(data)
        try:
            if path.stat().st_size == len(data) and path.read_bytes() == data:
                return
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + _UNFINISHED)
        unfinished.write_bytes(data)
        unfinished.replace(path)
        self.written += 1

    def keep(self, place: str, stamp: str) -> bool:
        """True, and the page stays, where it says at its beginning that it has this stamp."""
        try:
            with inside(self.outputs, place).open("rb") as file:
                is_same = stamp.encode() in file.read(_HEAD)
                size = os.fstat(file.fileno()).st_size
        except FileNotFoundError:
            return False
        if is_same:
            self._kept.add(place)
            self.size += size
        return is_same

    def finish(self) -> int:
        """Removes what the catalogue no longer holds, but no notebooks; gives how many files that were."""
        root = inside(self.outputs, places.SITE)
        gone = 0
        for parent, folders, names in os.walk(root):
            if Path(parent) == root:
                folders[:] = [name for name in folders if name != Path(places.NOTEBOOKS).name]
            for path in (Path(parent, name) for name in names):
                if path.relative_to(self.outputs).as_posix() not in self._kept:
                    path.unlink()
                    gone += 1
        return gone
