"""The lists that `…_code` columns refer to, published with the data."""

from schemas.tables.base import Number, Table, Text, Truth, Whole, column


class CodeList(Table):
    """A list of codes."""

    code: Text = column("The code.", key=True)
    name: Text = column("Standard name of the code.")
    definition: Text = column("What it means, in our own words.")
    source: Text = column("Where the code comes from.")


class SectionCodes(CodeList):
    """One row for each kind of section."""

    loinc_code: Text = column("LOINC code of the section.", null="LOINC has no code for it.")

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

    dimension: Text = column("What the unit measures.")
    base_code: Text = column("Unit of the same dimension in which amounts are compared.")
    factor: Number = column("How many of base_code one of this unit is.")
    rxnorm_unit: Text = column("Unit as RxNorm prints it, for the base unit.", null="RxNorm has none.")

    class Config:
        """Names the table."""

        name = "unit_codes"


class PregnancyCategoryCodes(Table):
    """One row for each category of each pregnancy category system."""

    system_code: Text = column("System that the category belongs to.", key=True)
    code: Text = column("Category in that system.", key=True)
    name: Text = column("Short name of the category.")
    definition: Text = column("What it means, in our own words.")
    source: Text = column("Where the category is defined.")
    restrictiveness: Whole = column(
        "Rank within its own system, 1 for the least restrictive.", null="the category has no rank.", low=1
    )
    is_legacy: Truth = column("True where the system was withdrawn.")

    class Config:
        """Names the table."""

        name = "pregnancy_category_codes"


class FindingCodes(CodeList):
    """One row for each kind of finding."""

    severity: Text = column(
        "Error: the seed is left out. Warning: a value is missing. Info: worth knowing.",
        values=("error", "warning", "info"),
    )

    class Config:
        """Names the table."""

        name = "finding_codes"
