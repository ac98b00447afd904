"""RxCUIs for the ingredients and products of a release, for those who have RxNorm's file RXNCONSO.RRF.

RxNorm's licence does not let us ship its names, and no release depends on a private file: the links are a table of
their own, in `<outputs>/rxnorm/<version>/`. A name is found exactly (folded as every other word is), never by likeness:

    ingredient   the official name of the substance, or the name as printed      IN, PIN
    strength     ingredient and strength as RxNorm prints them: `baclofen 10 MG`  SCDC
    product      the same with the form: `baclofen 10 MG Oral Tablet`             SCD  (forms: `rxnorm_forms.csv`)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from pipelines.release.failures import ReleaseError
from pipelines.release.released import read_index, read_tables
from schemas import codes
from schemas.codes import fold

_COLUMNS = 18
_RXCUI, _LANGUAGE, _SOURCE, _KIND, _NAME, _SUPPRESSED = 0, 1, 11, 12, 14, 16
_REMEDY = "give RXNCONSO.RRF of an RxNorm release"
_KINDS = {"IN": "ingredient", "PIN": "ingredient", "SCDC": "strength", "SCD": "product"}
_SCHEMA = pa.schema(
    {
        "monograph_id": pa.string(),
        "level": pa.string(),
        "name": pa.string(),
        "rxcui": pa.string(),
        "strength_no": pa.int64(),
    }
)


def link_rxnorm(outputs: str, version: str | None, names: Path) -> tuple[Path, dict[str, tuple[int, int]]]:
    """Writes the links of a version, or of the latest; gives their folder, and by level how many were found of all.

    Raises ReleaseError for a file that is not RXNCONSO.RRF.
    """
    version = version or str(read_index(outputs)["latest"])
    tables = read_tables(outputs, version, ("ingredients", "strengths", "dosage_forms", "routes"))
    wanted = [*_ingredients(tables["ingredients"]), *_strengths(tables)]
    known = _rxcuis(names, {(level, fold(name)) for _, level, name, _ in wanted})
    rows = [(monograph, level, name, known.get((level, fold(name))), no) for monograph, level, name, no in wanted]
    folder = Path(outputs) / "rxnorm" / version
    folder.mkdir(parents=True, exist_ok=True)
    columns = list(zip(*rows, strict=True)) or [()] * len(_SCHEMA)
    table = pa.table([pa.array(cells, field.type) for cells, field in zip(columns, _SCHEMA, strict=True)], _SCHEMA)
    pq.write_table(table, folder / "links.parquet", compression="zstd")
    pa.csv.write_csv(table, folder / "links.csv")
    return folder, {level: _found(rows, level) for level in dict.fromkeys(_KINDS.values())}


def _found(rows: Iterable[tuple[object, ...]], level: str) -> tuple[int, int]:
    of_level = [row for row in rows if row[1] == level]
    return sum(row[3] is not None for row in of_level), len(of_level)


def _ingredients(table: pa.Table) -> Iterator[tuple[str, str, str, int | None]]:
    for row in table.to_pylist():
        yield row["monograph_id"], "ingredient", row["substance_name"] or row["ingredient_text"], None


def _strengths(tables: Mapping[str, pa.Table]) -> Iterator[tuple[str, str, str, int | None]]:
    """The names of strengths and products with one component: RxNorm orders those of several by rules of its own."""
    routes = _only(tables["routes"], "route_code")
    own_routes = {
        (row["monograph_id"], row["dose_form_code"]): row["route_code"] for row in tables["dosage_forms"].to_pylist()
    }
    single = _only(tables["ingredients"], "ingredient_text")
    strengths = tables["strengths"].to_pylist()
    combined = {(row["monograph_id"], row["strength_no"]) for row in strengths if row["component_no"] > 1}
    for row in strengths:
        key, ingredient = (row["monograph_id"], row["strength_no"]), single.get(row["monograph_id"])
        if ingredient is None or row["rxnorm_strength"] is None or key in combined:
            continue
        name = f"{ingredient} {row['rxnorm_strength']}"
        yield (row["monograph_id"], "strength", name, row["strength_no"])
        route = own_routes.get((row["monograph_id"], row["dose_form_code"])) or routes.get(row["monograph_id"])
        for form in _rxnorm_forms(row["dose_form_code"], route):
            yield (row["monograph_id"], "product", f"{name} {form}", row["strength_no"])


def _only(table: pa.Table, column: str) -> dict[str, str]:
    """The value of each monograph that has one."""
    found: dict[str, set[str]] = {}
    for row in table.to_pylist():
        if row[column] is not None:
            found.setdefault(row["monograph_id"], set()).add(row[column])
    return {monograph: next(iter(values)) for monograph, values in found.items() if len(values) == 1}


def _rxnorm_forms(form: str | None, route: str | None) -> list[str]:
    """RxNorm's names of a form with its route."""
    return [
        row["text"]
        for row in codes.rows("rxnorm_forms")
        if form in row["forms"].split("; ") and route in row["routes"].split("; ")
    ]


def _rxcuis(path: Path, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The RxCUI of each wanted name; a name that two concepts have tells neither."""
    found: dict[tuple[str, str], set[str]] = {}
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            for no, line in enumerate(file, start=1):
                cells = line.rstrip("\n").split("|")
                if len(cells) < _COLUMNS:
                    message = (
                        f"{path.name}:{no}: {len(cells)} cells, not {_COLUMNS}; give RXNCONSO.RRF of an RxNorm release"
                    )
                    raise ReleaseError(message)
                level = _KINDS.get(cells[_KIND])
                if (
                    level is None
                    or cells[_SOURCE] != "RXNORM"
                    or cells[_LANGUAGE] != "ENG"
                    or cells[_SUPPRESSED] == "O"
                ):
                    continue
                key = (level, fold(cells[_NAME]))
                if key in wanted:
                    found.setdefault(key, set()).add(cells[_RXCUI])
    except (OSError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{path}: {error}; {_REMEDY}") from error
    return {key: next(iter(rxcuis)) for key, rxcuis in found.items() if len(rxcuis) == 1}


def _is_current(cells: list[str]) -> bool:
    """Whether a row is a name of RxNorm's own, in English, that is not obsolete."""
    return cells[_SOURCE] == "RXNORM" and cells[_LANGUAGE] == "ENG" and cells[_SUPPRESSED] != "O"
