"""`monographs render`: the text of a seed as every reader sees it, and where its lines stand in the original."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

from pipelines.command import Answer
from pipelines.documents import render
from pipelines.engine.seed_file import SeedsError
from pipelines.engine.seeds import seeds_at
from pipelines.records import Document


def rendered(path: Path, *, places: bool) -> Answer:
    """The rendered text; with `places`, each line after its place in the original. Raises SeedsError for no text."""
    _, seeds = seeds_at(path)
    if len(seeds) != 1:
        names = ", ".join(seed.seed_id for seed in seeds[:_MOST_NAMED])
        message = f"{path}: holds {len(seeds)} documents; name one of them: {names}"
        raise SeedsError(f"{message} and others." if len(seeds) > _MOST_NAMED else f"{message}.")
    (seed,) = seeds
    document = None if seed.data is None else render(seed.data, seed.seed_id)
    if document is None or not document.text:
        findings = document.findings if document else (seed.problem,)
        raise SeedsError(" ".join(f"{path}: {finding.sentence}" for finding in findings if finding))
    told = {
        "seed_id": seed.seed_id,
        "format": document.format,
        "renderer": document.renderer,
        "text": document.text,
        "places": [{"text_start": start, "origin": origin} for start, origin in document.places],
    }
    return Answer(_with_places(document) if places else document.text.splitlines(), told)


_MOST_NAMED = 5


def _with_places(document: Document) -> list[str]:
    """Each line after the place of what it stands in, if the format has places."""
    starts = [start for start, _ in document.places]
    lines, at = [], 0
    for line in document.text.splitlines(keepends=True):
        within = bisect_right(starts, at) - 1
        origin = document.places[within][1] if within >= 0 and line.strip() else ""
        lines.append(f"{origin}\t{line.rstrip()}" if starts else line.rstrip())
        at += len(line)
    return lines
