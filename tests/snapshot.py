"""What two checkouts read from the same documents, row by row: `make compare BEFORE=a-commit-or-a-folder`.

Both publish one release of the same seeds with the real command: the project's own seed, every case of `tests/cases`
as a document, generated documents, and the folders of `ALSO=folder:folder`. Prints a digest of each table before and
after, and counts the rows that differ by table and kind; `ROWS=file.csv` gets every one of them. Words of
`findings.message` and the ordinals of rows are left out. Monographs are matched by their seed and their order in it,
whatever they are called.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.generate import monographs

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests" / "cases"
GENERATED = 1_500
NAMED = "Examplin"  # with a number behind it, the drug of a case
# The section that a case of a file stands in, as a document prints it.
FIELDS = {
    "adverse_reactions": "Side effects: {}",
    "brands": "Brand names: {}",
    "contraindications": "Contraindications: {}",
    "dose_forms": "Dosage form: {}",
    "drug_classes": "Drug class: {}",
    "indications": "Indications: {}",
    "names": "Generic name: {}",
    "routes": "Route of administration: {}",
    "sentences": "Mechanism of action: {}",
    "strengths": "Available Dose:\n- {}",
    "dose_lists": "Available Dose:\n{}",
    "pregnancy": "Use during pregnancy: {}",
}
FORMS = {
    "solid": "Tablets",
    "liquid": "Oral solution",
    "semisolid": "Cream",
    "powder": "Powder for injection",
    "patch": "Patch",
    "metered": "Inhaler",
}
NOT_COMPARED = {
    "findings": {"finding_no", "message"},
    "seeds": {"retrieved"},
}
Row = tuple[tuple[str, object], ...]


# --- the documents ---------------------------------------------------------------------------------------------------


def write_seeds(folder: Path, also: list[Path]) -> int:
    """Writes all documents; gives how many."""
    for path in sorted((ROOT / "seeds").glob("*.txt")):
        shutil.copy(path, _parent(folder / "own" / path.name))
    for path in sorted((CASES / "documents").glob("*.txt")):
        shutil.copy(path, _parent(folder / "documents" / path.name))
    for name, text in _cases():
        _parent(folder / "cases" / name).write_text(text, encoding="utf-8", newline="")
    for name, text in monographs(GENERATED):
        _parent(folder / "generated" / name).write_text(text, encoding="utf-8", newline="")
    for number, place in enumerate(also):
        for path in sorted(place.rglob("*.txt")):
            shutil.copy(path, _parent(folder / f"also{number}" / path.relative_to(place)))
    return sum(1 for path in folder.rglob("*") if path.is_file())


def _parent(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _cases() -> Iterator[tuple[str, str]]:
    """Each case of each file as (name, document)."""
    for path in sorted(CASES.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=1):
                field = FIELDS.get(path.stem)
                if field:
                    text = next(iter(row.values())).replace("\\n", "\n")
                    title = f"{NAMED} {path.stem} {number}"
                    label = f"{FORMS[row['basis']]}: " if row.get("basis") in FORMS else ""
                    yield f"{path.stem}-{number:04d}.txt", f"{title}\n{field.format(label + text)}\n"


# --- one release of a checkout ---------------------------------------------------------------------------------------


@contextmanager
def checkout(named: str) -> Iterator[Path]:
    """A folder with the code of a commit and an environment, or the folder that is named.

    A commit runs in the environment of this checkout: only its own packages come before.
    """
    if Path(named).is_dir():
        yield Path(named).resolve()
        return
    with tempfile.TemporaryDirectory() as parent:
        place = Path(parent, "before")
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(place), named], check=True)
        try:
            yield place
        finally:
            subprocess.run([*git, "remove", "--force", str(place)], check=True)


def release(place: Path, seeds: Path, outputs: Path) -> dict[str, pa.Table]:
    """Every published table of the seeds, as the code of a checkout reads them."""
    own = place / ".venv" / "bin" / "python"
    command = [str(own if own.exists() else sys.executable), "-m", "pipelines.cli", "release"]
    command += ["--seeds", str(seeds), "--outputs", str(outputs), "--cache", str(outputs / "cache"), "--no-site"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{place}: {done.stderr[-3000:]}")
    (data,) = outputs.glob("releases/*/data")
    return {path.stem: pq.read_table(path) for path in sorted(data.glob("*.parquet"))}


# --- rows ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of one seed and table that only one of two checkouts publishes.

    `kind` is `only before`, `only after`, or the columns in which two rows from one place differ.
    """

    table: str
    kind: str
    seed: str
    before: Row
    after: Row


def rows_of(tables: dict[str, pa.Table], columns: dict[str, list[str]]) -> dict[str, Counter[tuple[str, Row]]]:
    """Per table, how often each (seed, row) is there; a monograph is named by its order in its seed."""
    seeds, orders = _monographs(tables["monographs"])
    found: dict[str, Counter[tuple[str, Row]]] = {}
    for name, wanted in columns.items():
        found[name] = Counter()
        for row in tables[name].to_pylist():
            monograph = row.get("monograph_id")
            seed = row.get("seed_id") or seeds.get(monograph, "")
            kept = ((c, orders.get(row[c]) if c == "monograph_id" else row[c]) for c in wanted)
            found[name][seed, tuple(kept)] += 1
    return found


def _monographs(table: pa.Table) -> tuple[dict[object, str], dict[object, int]]:
    """Per identifier: the seed, and which monograph of it this is, from 1."""
    seeds: dict[object, str] = {}
    orders: dict[object, int] = {}
    count: Counter[str] = Counter()
    at = "text_start" if "text_start" in table.column_names else "monograph_id"
    for row in sorted(table.to_pylist(), key=lambda row: (row["seed_id"], row[at])):
        count[row["seed_id"]] += 1
        seeds[row["monograph_id"]], orders[row["monograph_id"]] = row["seed_id"], count[row["seed_id"]]
    return seeds, orders


def compared(before: dict[str, pa.Table], after: dict[str, pa.Table]) -> dict[str, list[str]]:
    """The tables that both have, with the columns that both have."""
    both = [name for name in before if name in after and not name.endswith("_codes")]
    left_out = {name: NOT_COMPARED.get(name, set()) for name in both}
    return {
        name: [
            column
            for column in before[name].column_names
            if column in after[name].column_names
            and column not in left_out[name]
            and (not column.endswith("_no") or column == "component_no")
        ]
        for name in both
    }


def differences(table: str, before: Counter[tuple[str, Row]], after: Counter[tuple[str, Row]]) -> Iterator[Difference]:
    """The rows that only one side has; two of one seed that begin at one place are one difference."""
    lost: dict[tuple[str, object], list[Row]] = defaultdict(list)
    new: dict[tuple[str, object], list[Row]] = defaultdict(list)
    for rows, side in ((before - after, lost), (after - before, new)):
        for (seed, row), count in rows.items():
            side[seed, _place(row)].extend([row] * count)
    for seed, place in dict.fromkeys([*lost, *new]):
        ours, theirs = lost[seed, place], new[seed, place]
        for one, other in zip(ours, theirs, strict=False):
            changed = [name for (name, value), (_, now) in zip(one, other, strict=True) if value != now]
            yield Difference(table, ", ".join(changed), seed, one, other)
        yield from (Difference(table, "only before", seed, row, ()) for row in ours[len(theirs) :])
        yield from (Difference(table, "only after", seed, (), row) for row in theirs[len(ours) :])


def _place(row: Row) -> object:
    known = dict(row)
    first = next((known[name] for name in ("text_start", "section_no", "monograph_id") if name in known), None)
    return (first, known.get("finding_code"), known.get("component_no"))


def digest(rows: Counter[tuple[str, Row]]) -> str:
    """The same for the same rows in any order."""
    lines = sorted(repr(item) for item in rows.elements())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


# --- what is printed -------------------------------------------------------------------------------------------------


def show(found: list[Difference], examples: int) -> None:
    """Counts by table and kind, with some of each."""
    kinds: dict[tuple[str, str], list[Difference]] = defaultdict(list)
    for difference in found:
        kinds[difference.table, difference.kind].append(difference)
    for (table, kind), some in sorted(kinds.items(), key=lambda item: (item[0][0], -len(item[1]))):
        print(f"\n{len(some):>7,}  {table}: {kind}")
        for one in some[:examples]:
            before, after = (_shown(row, kind) for row in (one.before, one.after))
            print(f"         {one.seed}: {before} -> {after}"[:400])


def _shown(row: Row, kind: str) -> str:
    names = kind.split(", ") if not kind.startswith("only") else [name for name, value in row if value is not None]
    text = [name for name, _ in row if name.endswith("_text")][:1]
    return ", ".join(f"{name}={value!r}" for name, value in row if name in (*names, *text)) or "nothing"


def write(found: list[Difference], path: Path) -> None:
    """Every difference as a row of a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["table", "kind", "seed", "before", "after"])
        for one in found:
            writer.writerow([one.table, one.kind, one.seed, dict(one.before), dict(one.after)])


def main() -> None:
    """Prints how this checkout differs from another."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    asked.add_argument("before", help="a commit, or the folder of a checkout")
    asked.add_argument("--also", default="", help="folders with more documents, parted by a colon")
    asked.add_argument("--rows", type=Path, help="a CSV file for every difference")
    asked.add_argument("--examples", type=int, default=2, help="how many of each kind are shown")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as work, checkout(given.before) as place:
        seeds = Path(work, "seeds")
        count = write_seeds(seeds, [Path(folder) for folder in given.also.split(":") if folder])
        print(f"{count:,} documents", flush=True)
        before, after = (release(at, seeds, Path(work, name)) for at, name in ((place, "before"), (ROOT, "after")))
    columns = compared(before, after)
    one, other = rows_of(before, columns), rows_of(after, columns)
    found: list[Difference] = []
    for name in columns:
        differ = list(differences(name, one[name], other[name]))
        found += differ
        same = "the same" if not differ else f"{len(differ):,} differ"
        sides = (f"{rows[name].total():>9,} {digest(rows[name])}" for rows in (one, other))
        print(f"{name:<22}{' '.join(sides)}  {same}")
    for name in sorted({*before} ^ {*after}):
        print(f"{name:<22} is only {'before' if name in before else 'after'}")
    show(found, given.examples)
    if given.rows:
        write(found, given.rows)


if __name__ == "__main__":
    main()
