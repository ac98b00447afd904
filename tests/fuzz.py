"""Documents of every format, damaged at random, on the road that a release takes: `make fuzz`.

Each document must cost at most itself: no reader ends in an exception, every rule of the tables holds (places, keys and
references are exact), and every line that holds a word is in a title, a section or a finding. Some go through the
real command as well. What breaks anything is written to FOUND; a person makes it small and puts it into
`cases/found`, whose files are tried by the tests for ever.
"""

from __future__ import annotations

import argparse
import gzip
import html
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count as count_from
from itertools import islice
from pathlib import Path
from typing import Any

from pipelines.engine.run import Readings, read_folder
from pipelines.lexer import cut, read_text
from pipelines.tables.validate import apply_rules
from tests.bench_reading import HOSTILE
from tests.generate import STYLES, documents

CASES = Path(__file__).parent / "cases"
IN_ONE_RUN = 400  # documents
_NOT_READ = "SEED_NOT_READ"


# --- formats ---------------------------------------------------------------------------------------------------------


def _as_text(parts: list[str], _: random.Random) -> bytes:
    return "\n\n".join(parts).encode()


def _as_html(parts: list[str], chance: random.Random) -> bytes:
    """A page: headings, paragraphs, lists and tables as the parts have them."""
    body = ["<nav><a href='/'>Home</a></nav>", f"<h1>{html.escape(parts[0].splitlines()[0])}</h1>"]
    for part in parts:
        first, *rest = html.escape(part).splitlines()
        body.append(f"<h2>{first}</h2>" if rest else f"<p>{first}</p>")
        items = "".join(f"<li>{line}</li>" for line in rest)
        cells = "".join(f"<tr><td>{line.replace(':', '</td><td>')}</td></tr>" for line in rest)
        body.append(chance.choice([f"<ul>{items}</ul>", f"<table>{cells}</table>", "<p>" + "<br>".join(rest) + "</p>"]))
    return ("<!DOCTYPE html><html><head><title>x</title></head><body>" + "\n".join(body) + "</body></html>").encode()


def _as_spl(parts: list[str], _: random.Random) -> bytes:
    """A label in Structured Product Labeling."""
    sections = ""
    for part in parts[1:]:
        first, *rest = html.escape(part).splitlines()
        lines = "".join(f"<item>{line}</item>" for line in rest)
        sections += f'<component><section><code code="34067-9"/><title>{first}</title><text><list>{lines}</list></text>'
        sections += "</section></component>"
    title = html.escape(parts[0]).replace("\n", "<br/>")
    head = '<?xml version="1.0" encoding="UTF-8"?><document xmlns="urn:hl7-org:v3"><setId root="abc"/>'
    body = f"<component><structuredBody>{sections}</structuredBody></component>"
    return f"{head}<title>{title}</title>{body}</document>".encode()


_FIELDS = ("indications_and_usage", "contraindications", "warnings", "adverse_reactions", "how_supplied", "description")


def _as_openfda(parts: list[str], chance: random.Random) -> bytes:
    """A record of openFDA."""
    record: dict[str, Any] = {
        "set_id": "abc",
        "openfda": {"generic_name": [parts[0].splitlines()[0]], "route": ["ORAL"]},
    }
    for part in parts:
        record.setdefault(chance.choice(_FIELDS), []).append(part)
    return json.dumps(record if chance.random() < 0.5 else {"results": [record]}).encode()


def _as_pdf(parts: list[str], _: random.Random) -> bytes:
    """One page of lines, in the smallest file that a reader of PDF takes."""
    lines = [line for part in parts for line in (*part.splitlines(), "")][:60]
    shown = [line.encode("latin-1", "replace").decode("latin-1") for line in lines]
    shown = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in shown]
    words = "\n".join(f"({line[:100]}) Tj T*" for line in shown)
    stream = f"BT /F1 8 Tf 12 TL 40 780 Td\n{words}\nET".encode("latin-1")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 6\n0000000000 65535 f \n" + table
    return data + head + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(data)


def _as_zip(parts: list[str], chance: random.Random) -> bytes:
    """A zip with two documents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("one.txt", _as_text(parts, chance))
        packed.writestr("folder/two.html", _as_html(parts, chance))
    return buffer.getvalue()


def _as_gzip(parts: list[str], chance: random.Random) -> bytes:
    return gzip.compress(_as_text(parts, chance))


FORMATS: dict[str, tuple[str, Callable[[list[str], random.Random], bytes], int]] = {
    "text": (".txt", _as_text, 10),
    "html": (".html", _as_html, 4),
    "spl": (".xml", _as_spl, 3),
    "openfda": (".json", _as_openfda, 3),
    "pdf": (".pdf", _as_pdf, 2),
    "zip": (".zip", _as_zip, 1),
    "gzip": (".txt.gz", _as_gzip, 1),
}


# --- damage ----------------------------------------------------------------------------------------------------------

_CHARACTERS = "\u00a0\u00ad\u200b\u202e\ufeff\u0301\u2028\x00\x0c\x85·×½⁶²ªµ–—’“&<>|*#\t\r\n()[]{}%:;,./-0123456789"
_PIECES = [piece for _, piece in HOSTILE.values()]


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _without(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + data[start + chance.randint(1, 60) :]


def _twice(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(data) + 1)
    piece = data[start : start + chance.randint(1, 80)]
    return data[:start] + piece * chance.choice((2, 2, 3, 30)) + data[start:]


def _flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _with_characters(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8", "ignore")
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(_CHARACTERS) + text[at + chance.randint(0, 1) :]
    return text.encode()


def _with_any_characters(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8", "ignore")
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(text) + 1)
        text = (
            text[:at] + chr(chance.choice((chance.randrange(0xD800), chance.randrange(0xE000, 0x110000)))) + text[at:]
        )
    return text.encode()


def _with_hostile(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + (chance.choice(_PIECES) * chance.randint(1, 200)).encode() + data[at:]


def _other_digits(data: bytes, chance: random.Random) -> bytes:
    digits = "0123456789.,/·-^ "
    return "".join(
        chance.choice(digits) if c.isdigit() and chance.random() < 0.3 else c for c in data.decode("utf-8", "ignore")
    ).encode()


def _shuffled(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


def _wrapped(data: bytes, chance: random.Random) -> bytes:
    """Line ends where words were parted, and the other way round."""
    return bytes(chance.choice(b" \n") if byte in b" \n" and chance.random() < 0.2 else byte for byte in data)


def _other_encoding(data: bytes, chance: random.Random) -> bytes:
    return data.decode("utf-8", "ignore").encode(
        chance.choice(("utf-16", "utf-8-sig", "utf-16-be", "cp1252")), "ignore"
    )


DAMAGE = {
    "nothing": lambda data, _: data,
    "cut off": _cut,
    "a piece left out": _without,
    "a piece repeated": _twice,
    "bits flipped": _flipped,
    "marks put in": _with_characters,
    "any characters put in": _with_any_characters,
    "hostile text put in": _with_hostile,
    "other digits": _other_digits,
    "lines shuffled": _shuffled,
    "lines broken": _wrapped,
    "another encoding": _other_encoding,
}


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file, and what it was made from and by."""

    name: str
    data: bytes
    format: str
    damage: str


def damaged(seed: int = 1) -> Iterator[Damaged]:
    """Files without end, the same for the same seed of chance."""
    chance = random.Random(seed)
    known = [path.read_text(encoding="utf-8") for path in sorted((CASES / "documents").glob("*.txt"))]
    known += [text for style in STYLES for _, text in documents(style, 40, 1_500)]
    weights = [weight for _, _, weight in FORMATS.values()]
    for number in count_from(0):
        kind = chance.choices([*FORMATS], weights)[0]
        ending, make, _ = FORMATS[kind]
        data = make(chance.choice(known).strip().split("\n\n"), chance)
        done = chance.choices([*DAMAGE], k=chance.choice((1, 1, 2, 3)))
        for one in done:
            data = DAMAGE[one](data, chance)
        yield Damaged(f"{kind}-{number:07}{ending}", data, kind, done[0])


# --- what must hold --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Tally:
    """What became of the files of one kind."""

    files: int = 0
    size: int = 0
    exceptions: int = 0
    broken: int = 0
    lost: int = 0


@dataclass(slots=True)
class Outcome:
    """Tallies by format and by damage, and for each file that broke something, what."""

    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    bad: list[Damaged] = field(default_factory=list)
    seconds: float = 0.0


def broken_rows(readings: Readings) -> Iterator[tuple[str, str]]:
    """Rows that break a rule of their table, as (place or table, sentence)."""
    for result in apply_rules(readings.tables, readings.texts):
        for row in result.problems:
            yield str(row), str(row)


def lost_lines(readings: Readings) -> Iterator[tuple[str, str]]:
    """Lines that hold a word and are nowhere, as (seed, line); of seeds with a monograph.

    The number of a section that stands on a line before its heading is no part of it, as it is none on the same line.
    """
    covered: dict[str, bytearray] = {}
    headings: set[tuple[str, int]] = set()
    seeds = dict(zip(*(readings.tables["monographs"][c].to_pylist() for c in ("monograph_id", "seed_id")), strict=True))
    for seed in dict.fromkeys(seeds.values()):
        covered[seed] = bytearray(len(readings.texts[seed]))
    for table, columns in (
        ("monographs", ("title", "overview")),
        ("sections", ("heading", "text")),
        ("findings", ("text",)),
    ):
        for row in readings.tables[table].to_pylist():
            seed = row.get("seed_id") or seeds[row["monograph_id"]]
            for column in columns:
                start, end = row[f"{column}_start"], row[f"{column}_end"]
                if start is not None and column == "heading":
                    headings.add((seed, start))
                if start is not None and seed in covered:
                    covered[seed][start:end] = b"\x01" * (end - start)
    for seed, marks in covered.items():
        at = 0
        for line in readings.texts[seed].splitlines(keepends=True):
            is_number = (seed, at + len(line)) in headings and line.strip().replace(".", "").isdecimal()
            if not any(marks[at : at + len(line)]) and not is_number and len(cut(read_text(line.strip()))):
                yield seed, line
            at += len(line)


def run(files: list[Damaged], outcome: Outcome) -> None:
    """Reads the files as one folder of seeds, and counts."""
    by_name = {file.name: file for file in files}
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            Path(folder, file.name).write_bytes(file.data)
        began = time.perf_counter()
        readings = read_folder(Path(folder))
        outcome.seconds += time.perf_counter() - began
    for file in files:
        for name in (file.format, f"damage: {file.damage}"):
            outcome.tallies[name].files += 1
            outcome.tallies[name].size += len(file.data)
    findings = readings.tables["findings"].select(["seed_id", "finding_code", "message"]).to_pylist()
    told = [("exceptions", row["seed_id"], row["message"]) for row in findings if row["finding_code"] == _NOT_READ]
    told += [("broken", place, said) for place, said in broken_rows(readings)]
    told += [("lost", seed, line) for seed, line in lost_lines(readings)]
    for kind, place, said in told:
        file = next((by_name[name] for name in by_name if name in place), files[0])
        outcome.faults[f"{kind}: {file.name}"].append(said)
        outcome.bad.append(file)
        for name in (file.format, f"damage: {file.damage}"):
            tally = outcome.tallies[name]
            setattr(tally, kind, getattr(tally, kind) + 1)


def command(files: list[Damaged]) -> str:
    """What the real command says of the files if it does not end well: nothing, as a rule."""
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder, "seeds")
        seeds.mkdir()
        for file in files:
            (seeds / file.name).write_bytes(file.data)
        words = [sys.executable, "-m", "pipelines.cli", "release", "--seeds", str(seeds), "--outputs", f"{folder}/out"]
        done = subprocess.run([*words, "--cache", "none"], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode or "Traceback" in done.stderr + done.stdout else ""


def main() -> None:
    """Prints what became of the files; ends with 1 if anything broke."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    asked.add_argument("--documents", type=int, default=20_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--found", type=Path, default=Path(os.environ.get("FOUND", "found")))
    given = asked.parse_args()
    outcome, source = Outcome(), damaged(given.seed)
    with suppress(KeyboardInterrupt):  # what was read until then is told
        for _ in range(0, given.documents, IN_ONE_RUN):
            run(list(islice(source, IN_ONE_RUN)), outcome)
    said = command(list(islice(source, IN_ONE_RUN)))
    print(f"{'':<34}{'files':>9}{'MB':>9}{'exceptions':>12}{'rules broken':>14}{'lines lost':>12}")
    for name, tally in sorted(outcome.tallies.items()):
        numbers = f"{tally.exceptions:>12,}{tally.broken:>14,}{tally.lost:>12,}"
        print(f"{name:<34}{tally.files:>9,}{tally.size / 10**6:>9.1f}{numbers}")
    print(f"\nread in {outcome.seconds:,.0f} s; the command said {said or 'nothing wrong'}")
    kinds = Counter(said[0][:80] for said in outcome.faults.values())
    for name, sayings in list(outcome.faults.items())[:40]:
        print(f"  {name}: {sayings[0][:200]!r}")
    if outcome.bad:
        given.found.mkdir(exist_ok=True)
        for file in outcome.bad:
            (given.found / file.name).write_bytes(file.data)
        print(f"{len(kinds)} kinds; the files are in {given.found}")
    sys.exit(bool(outcome.bad or said))


if __name__ == "__main__":
    main()
