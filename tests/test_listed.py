"""What a label lists as data is published as it is and compared with what was read from its words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.engine.run import read_folder
from pipelines.normalize.listed import listed_comparable
from pipelines.records import ListedProduct
from pipelines.release.describe.quality import quality_of
from tests.test_documents import LABEL

SECTION = (
    '<component><section><code code="43678-2"/><title>3 DOSAGE FORMS AND STRENGTHS</title><text><paragraph>'
    "Tablets: {dose}</paragraph></text></section></component></structuredBody>"
)


def label(dose: str) -> bytes:
    """A label that lists 2.5 mg tablets and prints this dose."""
    return LABEL.replace("</structuredBody>", SECTION.format(dose=dose)).encode()


@pytest.mark.parametrize(("dose", "read"), [("2.5 mg", 1), ("2.5 mg, 5 mg and 10 mg", 1), ("0.0025 g", 1), ("5 mg", 0)])
def test_a_listed_strength_is_looked_for_in_what_was_read(tmp_path: Path, dose: str, read: int) -> None:
    """A label may print more than it lists; a strength that it lists and does not print is a difference."""
    (tmp_path / "a.xml").write_bytes(label(dose))
    tables = read_folder(tmp_path).tables
    found = [row["finding_code"] for row in tables["findings"].to_pylist() if row["table_name"] == "listed_products"]
    assert ("STRENGTH_DIFFERS" in found) is (read == 0)
    assert tables["listed_products"].num_rows == 1
    agreement = {row["kind"]: row for row in quality_of(tables, ())["agreement"]}
    assert agreement["strengths"] == {"kind": "strengths", "listed": 1, "read": read, "share": float(read)}
    assert agreement["dose_forms"]["read"] == 1


@pytest.mark.parametrize(
    ("numerator", "denominator", "amount"),
    [
        (("2.5", "mg"), ("1", "1"), ("2.5", "mg")),
        (("250", "ug"), ("5", "mL"), ("0.05", "mg/mL")),
        (("50", "mg"), ("1", "g"), ("50", "mg/g")),
        (("100", "[iU]"), ("1", "mL"), ("100", "[iU]/mL")),
        (("6", "[hp_X]"), ("1", "1"), ("6", "[hp_X]")),
        (("6", "[hp_C]"), ("30", "mL"), None),
        (("2", "{measure}"), ("1", "1"), None),
        (("1", "kg"), ("1", "kg"), None),
        (("6", "[hp_C]"), ("6", "[hp_C]"), None),
    ],
)
def test_listed_strengths_become_comparable(
    numerator: tuple[str, str], denominator: tuple[str, str], amount: tuple[str, str] | None
) -> None:
    """Amounts are in the units of `strengths`; potencies, and what is listed per itself, are compared with nothing."""
    row = ListedProduct(
        0,
        "/",
        numerator_value=Decimal(numerator[0]),
        numerator_unit=numerator[1],
        denominator_value=Decimal(denominator[0]),
        denominator_unit=denominator[1],
    )
    assert listed_comparable(row) == (amount and (Decimal(amount[0]), amount[1]))
