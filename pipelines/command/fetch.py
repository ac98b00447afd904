"""`monographs fetch`: a release from a folder or a web host, checked, with its progress on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from pipelines.command import Answer
from pipelines.release.fetch import DownloadProgress, Fetched, fetch


def fetched(place: str, to: Path, version: str | None, tables: str | None, kind: str | None) -> Answer:
    """What was downloaded and where it is; a yanked version says why it was."""
    names = [name.strip() for name in (tables or "").split(",") if name.strip()]
    with _shown() as progress:
        result = fetch(place, to, version, tables=names, kind=kind, progress=progress)
    return Answer(_lines(result), asdict(result) | {"folder": str(result.folder)})


def _lines(result: Fetched) -> list[str]:
    there = f"{len(result.kept)} were there already" if result.kept else "every one has the SHA-256 of the manifest"
    lines = [f"{result.folder}: {result.version} is there and whole; {len(result.new)} files downloaded, {there}."]
    if result.yanked:
        instead = f" Take {result.replaced_by} instead." if result.replaced_by else ""
        lines.append(f"Warning: {result.version} was yanked: {result.yanked}{instead}")
    return lines


@contextmanager
def _shown() -> Iterator[DownloadProgress]:
    """Nothing is drawn if nobody watches."""
    console = Console(stderr=True)
    look = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*look, console=console, transient=True, disable=not console.is_terminal) as bars:
        known: dict[str, TaskID] = {}

        def tell(name: str, size: int, done: int) -> None:
            if name not in known:
                known[name] = bars.add_task(name, total=size)
            bars.update(known[name], completed=done, visible=done < size)

        yield tell
