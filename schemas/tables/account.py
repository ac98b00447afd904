"""The account that a release gives of itself: what could not be read, and what is no longer published."""

from schemas.tables.base import Table, TextColumn, WholeColumn, column


class Findings(Table):
    """One row for each thing that the data cannot say for itself, with the place it was found at."""

    finding_no: WholeColumn = column("Ordinal of the finding in the release, from 1.", key=True, low=1)
    seed_id: TextColumn = column("The seed.", references="seeds.seed_id")
    monograph_id: TextColumn = column(
        "The monograph.", null="the place belongs to no monograph.", references="monographs.monograph_id"
    )
    severity: TextColumn = column(
        "Error: the seed is left out. Warning: a value is missing. Info: worth knowing.",
        values=("error", "warning", "info"),
    )
    finding_code: TextColumn = column("What kind of finding it is.", references="finding_codes.code")
    table_name: TextColumn = column("Table that the finding speaks of.", null="it speaks of no table.")
    row_no: WholeColumn = column(
        "Ordinal, within the monograph, of the row that the finding speaks of.", null="it speaks of no row.", low=1
    )
    seed_text: TextColumn = column("The words in question, as printed.", null="the finding has no place in the text.")
    text_start: WholeColumn = column(
        "Where the words begin in the seed, in code points from 0.", null="the finding has no place.", low=0
    )
    text_end: WholeColumn = column(
        "Where the words end in the seed, in code points, exclusive.", null="the finding has no place.", low=0
    )
    line: WholeColumn = column("Line of the seed, from 1.", null="the finding has no place.", low=1)
    column_no: WholeColumn = column(
        "Column of that line, in code points from 1.", null="the finding has no place.", low=1, name="column"
    )
    message: TextColumn = column("What was found and why nothing was made of it, in a sentence.")

    class Config:
        """Names the table."""

        name = "findings"


class Retired(Table):
    """One row for each monograph that an earlier release held and this one does not."""

    monograph_id: TextColumn = column("Identifier of the monograph; it is never used again for another.", key=True)
    retired_in: TextColumn = column("First release without it.")
    reason: TextColumn = column("Why it is gone.")
    replaced_by: TextColumn = column(
        "Monograph that takes its place.", null="nothing replaces it.", references="monographs.monograph_id"
    )

    class Config:
        """Names the table."""

        name = "retired"


class MonographHistory(Table):
    """One row for each monograph that any release held: since when, until when, and when it last changed."""

    monograph_id: TextColumn = column("Identifier of the monograph, which may be of an earlier release only.", key=True)
    first_version: TextColumn = column("First release with it, or the release before the first one with this table.")
    last_version: TextColumn = column("Last release with it.", null="this release has it.")
    changed_version: TextColumn = column("Release in which what is read from it last changed; moved rows do not count.")
    seed_id: TextColumn = column("Seed that it stands in, or last stood in.")

    class Config:
        """Names the table."""

        name = "monograph_history"
