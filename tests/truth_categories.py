"""Pregnancy categories whose truth is known by construction, a part of `make truth`: see `truth.py`.

How people print categories stands in `cases/printed_categories.csv`: `{L}` and `{M}` are two letters of the FDA, `{T}`
a category of the TGA, `{drug}` the drug. `truth` has a system and a category for each, parted by ` | `; `-` alone is
none, and `-` behind a system says that none was assigned. A category is never more than the text states; one that is
left out has a finding at its place.
"""

from __future__ import annotations

import csv
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.engine.run import read_folder
from tests.truth import TEMPLATES, Tally, drug_name

_LETTERS = ["A", "B", "C", "D", "X"]
_TGA = ["A", "B1", "B2", "B3", "C", "D", "X"]
_PLACES = [
    "Use during pregnancy or breastfeeding: {}\n",
    "Pregnancy\n{}\n",
    "8 USE IN SPECIFIC POPULATIONS\n8.1 Pregnancy\n{}\n",
    "Pregnancy & Lactation\n{}\n",
    "Warnings\nMay cause drowsiness.\n\nUse in pregnancy: {}\n",
]
_FIELDS = ("a field", "in quotation marks", "another system", "a label")  # these name their subject themselves
Category = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Printed:
    """A document, the stretch that states categories, and these."""

    kind: str
    text: str
    start: int
    end: int
    categories: frozenset[Category]


def categories_by_kind() -> dict[str, list[dict[str, str]]]:
    """The rows of the CSV by their kind."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with TEMPLATES.with_name("printed_categories.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["kind"]].append(row)
    return rows


def _printed(count: int, seed: int) -> Iterator[Printed]:
    chance = random.Random(f"categories {seed}")
    rows = [row for some in categories_by_kind().values() for row in some]
    for number in range(count):
        row, drug = chance.choice(rows), drug_name(number, "vir")
        one, other = chance.sample(_LETTERS, 2)
        words = {"{L}": one, "{M}": other, "{T}": chance.choice(_TGA), "{drug}": drug, "\\n": "\n"}
        said, truth = row["text"], row["truth"]
        for name, word in words.items():
            said, truth = said.replace(name, word), truth.replace(name, word)
        place = "{}\n" if row["kind"] in _FIELDS and chance.random() < 0.3 else chance.choice(_PLACES)
        before, _, behind = place.partition("{}")
        head = f"{drug.capitalize()}\nGeneric name: {drug}\n{before}"
        yield Printed(row["kind"], head + said + behind, len(head), len(head) + len(said), _categories(truth))


def _categories(truth: str) -> frozenset[Category]:
    pairs = (part.split() for part in truth.split(" | ") if part != "-")
    return frozenset((system, None if code in ("-", "N") else code) for system, code in pairs)


def measure_categories(count: int, seed: int = 1) -> dict[str, Tally]:
    """What becomes of so many statements, by kind."""
    printed = {f"{number:07}.txt": one for number, one in enumerate(_printed(count, seed))}
    with tempfile.TemporaryDirectory() as folder:
        texts = [one.text for one in printed.values()]
        pq.write_table(pa.table({"name": [*printed], "text": texts}), Path(folder, "seeds.parquet"))
        tables = read_folder(Path(folder)).tables
    seeds: dict[str, str] = {}
    letters: dict[str, str | None] = {}
    for row in tables["monographs"].to_pylist():
        name = seeds[row["monograph_id"]] = row["seed_id"].rpartition("/")[2]
        letters[name] = row["fda_pregnancy_category"]
    found: dict[str, list[Category]] = defaultdict(list)
    for row in tables["pregnancy_categories"].to_pylist():
        found[seeds[row["monograph_id"]]].append((row["system_code"], row["category_code"]))
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in tables["findings"].to_pylist():
        if row["text_start"] is not None and row["table_name"] != "monographs":
            places[row["seed_id"].rpartition("/")[2]].append((row["text_start"], row["text_end"]))
    tallies: dict[str, Tally] = defaultdict(Tally)
    for name, one in printed.items():
        tally = tallies[f"pregnancy: {one.kind}"]
        tally.lines += 1
        outcome = _outcome(one, found[name], letters.get(name), places[name])
        tally.right += outcome == "right"
        tally.refused += outcome == "refused"
        if outcome not in ("right", "refused"):
            tally.wrong.append((one.text[one.start : one.end], f"{found[name]}, letter {letters.get(name)}", outcome))
    return dict(sorted(tallies.items()))


def _outcome(one: Printed, found: list[Category], letter: str | None, places: list[tuple[int, int]]) -> str:
    if not set(found) <= one.categories:
        return "not stated"
    fda = [code for system, code in one.categories if system == "US_FDA" and code]
    if letter not in (None, "N", *fda) or (letter and letter in fda and letter != max(fda)):
        return "wrong letter"
    if set(found) == one.categories and (letter or not fda):
        return "right"
    is_told = any(start < one.end and end > one.start for start, end in places)
    return "refused" if is_told else "missing without a word"
