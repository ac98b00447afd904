"""The version of a release, computed from what has changed and never chosen.

Semantic versioning: MAJOR breaks a reader's work, MINOR adds to it, PATCH corrects it. Each change has a code, and the
greatest bump of all codes is the bump of the release.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

FIRST = "1.0.0"


class Bump(IntEnum):
    """Which part of the version moves."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


CHANGE_CODES: dict[str, tuple[Bump, str]] = {
    "TABLE_REMOVED": (Bump.MAJOR, "A table is gone."),
    "COLUMN_REMOVED": (Bump.MAJOR, "A column is gone."),
    "COLUMN_MOVED": (Bump.MAJOR, "A column stands in another place; readers by position take another."),
    "KEY_CHANGED": (Bump.MAJOR, "Other columns identify a row."),
    "TYPE_NARROWED": (Bump.MAJOR, "The type of a column cannot hold what it held."),
    "UNIT_CHANGED": (Bump.MAJOR, "A column is in another unit."),
    "NULLS_ALLOWED": (Bump.MAJOR, "A column that always had a value may now be null."),
    "FIRST_NULL": (Bump.MAJOR, "A column that had a value in every row has lost one."),
    "VALUE_DISALLOWED": (Bump.MAJOR, "A value is no longer allowed in a column."),
    "REFERENCE_REMOVED": (Bump.MAJOR, "Columns no longer refer to the table that they referred to."),
    "CODE_REMOVED": (Bump.MAJOR, "A code is gone from its list."),
    "MONOGRAPH_LOST": (Bump.MAJOR, "A monograph is gone and `retired` does not say so."),
    "TABLE_ADDED": (Bump.MINOR, "A table is new."),
    "COLUMN_APPENDED": (Bump.MINOR, "A column is new, at the end of its table."),
    "TYPE_WIDENED": (Bump.MINOR, "The type of a column holds more than it did."),
    "VALUE_ALLOWED": (Bump.MINOR, "A value is newly allowed in a column."),
    "REFERENCE_ADDED": (Bump.MINOR, "Columns newly refer to a table."),
    "ROWS_ADDED": (Bump.MINOR, "Rows are new."),
    "ROWS_RETIRED": (Bump.MINOR, "Rows are gone with a monograph that `retired` names."),
    "ROWS_REMOVED": (Bump.MINOR, "Rows are gone from what is still published."),
    "RULE_CHANGED_COLUMN": (Bump.MINOR, "New code or code tables changed more than 1 % of the values of a column."),
    "VALUES_CHANGED": (Bump.PATCH, "Values are corrected."),
    "ROWS_MOVED": (Bump.PATCH, "Rows say what they said, at another place of their document or in another order."),
    "SEEDS_EDITED": (Bump.PATCH, "Documents have other bytes."),
    "FINDINGS_CHANGED": (Bump.PATCH, "There are other findings."),
    "LICENCE_CHANGED": (Bump.PATCH, "The terms of use are other words."),
    "DESCRIPTION_CHANGED": (Bump.PATCH, "A table or column is described in other words or closer limits."),
}

_NOT_OF_SCHEMA = {
    "FIRST_NULL",
    "CODE_REMOVED",
    "MONOGRAPH_LOST",
    "ROWS_ADDED",
    "ROWS_RETIRED",
    "ROWS_REMOVED",
    "RULE_CHANGED_COLUMN",
    "VALUES_CHANGED",
    "ROWS_MOVED",
    "SEEDS_EDITED",
    "FINDINGS_CHANGED",
    "LICENCE_CHANGED",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed in a table: `count` tells rows, cells or columns, as the code says."""

    code: str
    table: str
    column: str | None = None
    count: int = 1

    def __str__(self) -> str:
        where = f"{self.table}.{self.column}" if self.column else self.table
        return f"{self.bump.name.lower()}: {self.code} {where} ({self.count}). {CHANGE_CODES[self.code][1]}"

    @property
    def bump(self) -> Bump:
        """What this change alone would do to the version."""
        return CHANGE_CODES[self.code][0]

    @property
    def is_of_schema(self) -> bool:
        """True where the tables are described otherwise, whatever their rows."""
        return self.code not in _NOT_OF_SCHEMA


def bump_of(changes: Iterable[Change]) -> Bump:
    """The greatest bump; NONE where nothing has changed."""
    return max((change.bump for change in changes), default=Bump.NONE)


def next_version(version: str | None, bump: Bump) -> str:
    """The version after `version`; the first one where there is none."""
    if version is None:
        return FIRST
    major, minor, patch = (int(part) for part in version.split("."))
    match bump:
        case Bump.MAJOR:
            return f"{major + 1}.0.0"
        case Bump.MINOR:
            return f"{major}.{minor + 1}.0"
        case Bump.PATCH:
            return f"{major}.{minor}.{patch + 1}"
        case Bump.NONE:
            return version
