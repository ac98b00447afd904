"""How much processor time reading takes, beside one pass of a regular expression over the same characters.

A second is worth nothing on another machine, and little on a busy one; a ratio within one run is. The code of another
commit, in a worktree, reads the same documents in the same run.
"""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path

from pipelines.engine.reading import read_seed
from pipelines.engine.seeds import seeds_in
from tests.generate import LONG, SHORT, STYLES, documents
from tests.snapshot import ROOT, checkout

# What is run in each checkout: reads every file of a folder, after a first few that load what is loaded once.
_READ = """
import gc, json, re, signal, sys, time
from pathlib import Path
from pipelines.engine.reading import read_seed
from pipelines.engine.seeds import seeds_in
folder, seconds = Path(sys.argv[1]), int(sys.argv[2])

def stop(*_):
    raise TimeoutError

def spent(work, items):
    begun = time.process_time()
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        done = [work(item) for item in items]
    except TimeoutError:
        return None, []
    finally:
        signal.alarm(0)
    return time.process_time() - begun, done

seeds = list(seeds_in(folder))
first = list(seeds_in(Path("seeds")))
[read_seed(seed) for seed in first]
gc.collect()
gc.freeze()  # as a process that reads does
texts = [seed.data.decode(errors="replace") for seed in seeds]
floor, _ = spent(lambda text: re.findall(r"\\w+|[^\\w\\s]", text), texts)
took, readings = spent(read_seed, seeds)
print(json.dumps({
    "floor": floor, "took": took, "characters": sum(map(len, texts)),
    "monographs": sum(len(reading.monographs) for reading in readings),
}))
"""
_SECONDS = 120  # that reading one folder may take
_MOST_A_KB = 10  # milliseconds
Figures = dict[str, float | None]


def figures(place: Path, folder: Path, seconds: int = _SECONDS) -> Figures:
    """Processor seconds of a checkout for the documents of a folder; None if it does not come to an end."""
    own = place / ".venv" / "bin" / "python"
    command = [str(own if own.exists() else sys.executable), "-c", _READ, str(folder), str(seconds)]
    done = subprocess.run(command, cwd=place, check=True, capture_output=True, text=True)
    found: Figures = json.loads(done.stdout)
    return found


def _write(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


# --- by style --------------------------------------------------------------------------------------------------------


def by_style(before: Path | None, given: list[Path]) -> None:
    """A line for each style and size, and for folders of real documents."""
    print(
        f"\n{'documents':<36}{'regex':>12}{'now':>12}{'':>8}",
        f"{'before':>12}{'':>8}{'now/before':>12}" if before else "",
    )
    with tempfile.TemporaryDirectory() as work:
        folders = {str(folder): folder for folder in given}
        for size, count in ((SHORT, 120), (LONG, 5)):
            for style in STYLES:
                name = f"{style}, {size / 1000:g} KB"
                folders[name] = _write(Path(work, name), dict(documents(style, count, size)))
        for name, folder in folders.items():
            now = figures(ROOT, folder)
            print(f"{name[-36:]:<36}{_line(now, figures(before, folder) if before else None)}", flush=True)


def _line(now: Figures, before: Figures | None) -> str:
    floor, mega = now["floor"] or 0.0, (now["characters"] or 0) / 10**6
    text = f"{floor / mega * 1000:>7,.0f} ms/MB{_beside(now['took'], floor, mega)}"
    if before is None:
        return text
    share = f"{(now['took'] or 0) / before['took']:>11.2f}" if before["took"] else ""
    return f"{text}{_beside(before['took'], floor, mega)}{share}"


def _beside(took: float | None, floor: float, mega: float) -> str:
    if took is None:
        return f"{'no end':>12}{'':>9}"
    return f"{took / mega * 1000:>7,.0f} ms/MB{took / floor:>7.1f} x"


# --- by module -------------------------------------------------------------------------------------------------------


def by_module() -> None:
    """Where the time goes: the share of each module, with what it calls in libraries; a profiler makes calls dearer."""
    with tempfile.TemporaryDirectory() as work:
        for style in STYLES:
            _write(Path(work), dict(documents(style, 20)) | dict(documents(style, 1, LONG, seed=2)))
        seeds = list(seeds_in(Path(work)))
        profile = cProfile.Profile()
        profile.runcall(lambda: [read_seed(seed) for seed in seeds])
    shares = _shares(pstats.Stats(profile))
    whole = shares.total()
    print("\nshare of reading, by module")
    for name, seconds in shares.most_common(20):
        print(f"  {name:<44}{seconds / whole:>7.1%}")


def _shares(stats: pstats.Stats) -> Counter[str]:
    shares: Counter[str] = Counter()
    for function, (_, _, own, _, callers) in stats.stats.items():  # type: ignore[attr-defined]
        name = _module(function[0])
        if name:
            shares[name] += own
            continue
        for caller, times in callers.items():
            shares[_module(caller[0]) or "libraries"] += times[2]
    return shares


def _module(file: str) -> str | None:
    path = Path(file)
    return str(path.relative_to(ROOT).with_suffix("")) if path.is_relative_to(ROOT) and ".venv" not in file else None


# --- growth and hostile text -----------------------------------------------------------------------------------------


def growth() -> None:
    """One document that becomes longer: its cost for each KB should stay the same."""
    print("\none document (US label)")
    for size in (10_000, 100_000, 1_000_000, 10_000_000):
        with tempfile.TemporaryDirectory() as work:
            found = figures(ROOT, _write(Path(work), dict(documents("US label", 1, size))), 900)
        took = found["took"]
        print(
            f"  {size / 1000:>8,.0f} KB {'no end' if took is None else f'{took / size * 10**6:8.2f} ms a KB'}",
            flush=True,
        )


_DOSES = "Zepharol\nGeneric name: zepharol\nAvailable Dose:\n- Tablets: {}"
HOSTILE: dict[str, tuple[str, str]] = {
    "thousands": (_DOSES, "1,000,"),
    "slashes": (_DOSES, "1/"),
    "times": (_DOSES, "1x"),
    "commas": (_DOSES, "1, "),
    "dashes": (_DOSES, "1-"),
    "points": (_DOSES, "1."),
    "digits": (_DOSES, "1"),
    "powers": (_DOSES, "10^"),
    "raised points": (_DOSES, "1·"),
    "colons": (_DOSES, "1:"),
    "open brackets": (_DOSES, "("),
    "open brackets and a form": ("Zepharol\nDosage form: tablet\nAvailable Dose:\n- Tablets: {}", "("),
    "brackets with words": (_DOSES, "(a "),
    "closed brackets": (_DOSES, "(5 mg)"),
    "one long word": (_DOSES, "tablet"),
    "one long line": (_DOSES, "tablets of unknown words "),
    "units": (_DOSES, "mg/"),
    "amounts": (_DOSES, "5 mg "),
    "a list of amounts": (_DOSES, "5 mg, "),
    "combinations": (_DOSES, "5 mg/"),
    "denominators": (_DOSES, "5 mg per "),
    "forms with a colon": (_DOSES, "5 mg tablet: "),
    "clauses": (_DOSES, "tablet 5 mg; "),
    "numbers": (_DOSES, "5 "),
    "forms": (_DOSES, "film-coated tablet "),
    "form and amount": (_DOSES, "Tablet 5 mg "),
    "items": (_DOSES, "\n- 5 mg"),
    "different items": (_DOSES, "\n- № mg"),
    "labels": (_DOSES, "\nTablets:"),
    "different labels": (_DOSES, "\nTablets: № mg\nCapsules: № mg"),
    "pipes": (_DOSES, "| "),
    "stars": (_DOSES, "*"),
    "unknown forms": ("Zepharol\nDosage form: {}", "unknown form of word "),
    "form words": ("Zepharol\nDosage form: {}", "oral "),
    "routes": ("Zepharol\nRoute: {}", "oral or "),
    "brands": ("Zepharol\nBrand names: {}", "Fevrex "),
    "headings": ("Zepharol\n{}", "Uses: "),
    "lines of headings": ("Zepharol\n{}", "Uses\n"),
    "titles": ("{}", "Zepharol\n"),
    "empty lines": ("Zepharol\n{}", "\n"),
    "spaces": ("Zepharol\nUses: {}", " "),
    "tabs": ("Zepharol\nUses: {}", "\t"),
    "sentences": ("Zepharol\nUses: {}", "It is used for pain. "),
    "no full stop": ("Zepharol\nUses: {}", "used for pain "),
    "cautions": ("Zepharol\nContraindications: {}", "not in patients with or without "),
    "reactions": ("Zepharol\nSide effects: {}", "nausea, "),
    "reactions with and": ("Zepharol\nSide effects: {}", "nausea and "),
    "shares": ("Zepharol\nSide effects: {}", "rash (5%), "),
    "categories": ("Zepharol\nPregnancy: {}", "category C "),
    "category words": ("Zepharol\nPregnancy: {}", "pregnancy "),
    "systems": ("Zepharol\nPregnancy: {}", "US FDA "),
    "entities": ("Zepharol\nUses: {}", "&amp;"),
    "half entities": ("Zepharol\nUses: {}", "&#"),
    "soft hyphens": ("Zepharol\nUses: {}", "\xad"),
    "combining marks": ("Zepharol\nUses: e{}", "\u0301"),
    "apostrophes": ("Zepharol\nUses: {}", "a'"),
    "abbreviations": ("Zepharol\nUses: {}", "a."),
    "tags": ("Zepharol\n{}", "<b>"),
}


def hostile() -> None:
    """Families of text that are bad for some way of reading: at most 10 ms a KB, also for the long ones.

    Each `№` of a piece becomes the next number, since what differs costs more than what comes again.
    """
    print(f"\nhostile text, ms a KB at 10 KB and at 100 KB (at most {_MOST_A_KB})")
    for name, (frame, piece) in HOSTILE.items():
        costs = [_cost(frame, piece, size) for size in (10_000, 100_000)]
        is_bad = any(cost is None or cost > _MOST_A_KB for cost in costs)
        shown = "".join(f"{'no end':>9}" if cost is None else f"{cost:>9.2f}" for cost in costs)
        print(f"  {name:<24}{shown}{'  TOO SLOW' if is_bad else ''}", flush=True)


def _cost(frame: str, piece: str, size: int) -> float | None:
    with tempfile.TemporaryDirectory() as work:
        numbers = map(str, count(1))
        text = re.sub("№", lambda _: next(numbers), frame.format(piece * (size // len(piece))))[:size] + "\n"
        took = figures(ROOT, _write(Path(work), {"a.txt": text}), 20)["took"]
    return None if took is None else took / size * 10**6


def reading() -> None:
    """Every figure; BEFORE is the commit that is read beside, ALSO are folders with more documents."""
    given = [Path(folder) for folder in os.environ.get("ALSO", "").split(":") if folder]
    with checkout(os.environ.get("BEFORE", "HEAD")) as before:
        by_style(before, given)
    parts: list[Callable[[], None]] = [by_module, growth, hostile]
    for part in parts:
        part()


if __name__ == "__main__":
    reading()
