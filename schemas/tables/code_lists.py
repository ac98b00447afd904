"""The lists that `…_code` columns refer to, published with the data."""

from schemas.tables.base import NumberColumn, Table, TextColumn, TruthColumn, WholeColumn, column


class CodeList(Table):
    """A list of codes."""

    code: TextColumn = column("The code.", key=True)
    name: TextColumn = column("Standard name of the code.")
    definition: TextColumn = column("What it means, in our own words.")
    source: TextColumn = column("Where the code comes from.")


class SectionCodes(CodeList):
    """One row for each kind of section."""

    loinc_code: TextColumn = column("LOINC code of the section.", null="LOINC has no code for it.")

    class Config:
        """Names the table."""

        name = "section_codes"


class RouteCodes(CodeList):
    """One row for each route of administration of the FDA SPL list."""

    class Config:
        """Names the table."""

        name = "route_codes"


class DoseFormCodes(CodeList):
    """One row for each dose form of the FDA SPL list."""

    class Config:
        """Names the table."""

        name = "dose_form_codes"


class UnitCodes(CodeList):
    """One row for each UCUM unit that a strength may have."""

    dimension: TextColumn = column("What the unit measures.")
    base_code: TextColumn = column("Unit of the same dimension in which amounts are compared.")
    factor: NumberColumn = column("How many of base_code one of this unit is.")
    rxnorm_unit: TextColumn = column("Unit as RxNorm prints it, for the base unit.", null="RxNorm has none.")

    class Config:
        """Names the table."""

        name = "unit_codes"


class PregnancyCategoryCodes(Table):
    """One row for each category of each pregnancy category system."""

    system_code: TextColumn = column("System that the category belongs to.", key=True)
    code: TextColumn = column("Category in that system.", key=True)
    name: TextColumn = column("Short name of the category.")
    definition: TextColumn = column("What it means, in our own words.")
    source: TextColumn = column("Where the category is defined.")
    restrictiveness: WholeColumn = column(
        "Rank within its own system, 1 for the least restrictive.", null="the category has no rank.", low=1
    )
    is_legacy: TruthColumn = column("True where the system was withdrawn.")

    class Config:
        """Names the table."""

        name = "pregnancy_category_codes"


class FindingCodes(CodeList):
    """One row for each kind of finding."""

    severity: TextColumn = column(
        "Error: the seed is left out. Warning: a value is missing. Info: worth knowing.",
        values=("error", "warning", "info"),
    )

    class Config:
        """Names the table."""

        name = "finding_codes"
