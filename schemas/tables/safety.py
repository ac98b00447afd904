"""What the drug is for and what it may do: uses, contraindications, reactions and pregnancy categories."""

from schemas.tables.base import Table, TextColumn, TruthColumn, WholeColumn, column, text_end, text_start


class PregnancyCategories(Table):
    """One row for each pregnancy category that the text states; letters of different systems are never compared."""

    monograph_id: TextColumn = column("The monograph.", key=True, references="monographs.monograph_id")
    category_no: WholeColumn = column("Ordinal of the statement in the monograph, from 1.", key=True, low=1)
    system_code: TextColumn = column(
        "System that the category belongs to.", references="pregnancy_category_codes.system_code"
    )
    category_code: TextColumn = column(
        "Category in that system.",
        null="the text says that none was assigned.",
        references="pregnancy_category_codes.code",
    )
    is_assigned: TruthColumn = column("False where the text says that no category was assigned.")
    condition_kind: TextColumn = column(
        "What the category depends on.",
        null="it is stated without a condition.",
        values=(
            "trimester", "gestation", "route", "form", "strength", "dose", "duration", "ingredient", "indication",
            "population", "brand", "manufacturer", "other",
        ),
    )  # fmt: skip
    condition_text: TextColumn = column("Condition as printed.", null="it is stated without a condition.")
    statement_text: TextColumn = column("Statement as printed.")
    text_start: WholeColumn = text_start()
    text_end: WholeColumn = text_end()
    is_legacy: TruthColumn = column(
        "True where the system was withdrawn, as the US FDA letters were by the labelling rule of 2015."
    )

    class Config:
        """Names the table."""

        name = "pregnancy_categories"


class Indications(Table):
    """One row for each statement of use."""

    monograph_id: TextColumn = column("The monograph.", key=True, references="monographs.monograph_id")
    indication_no: WholeColumn = column("Ordinal of the statement in the monograph, from 1.", key=True, low=1)
    statement_text: TextColumn = column("Statement as printed.")
    text_start: WholeColumn = text_start()
    text_end: WholeColumn = text_end()
    is_off_label: TruthColumn = column("True where the text calls the use off-label.")

    class Config:
        """Names the table."""

        name = "indications"


class Contraindications(Table):
    """One row for each statement of when not to use the drug, or to take care."""

    monograph_id: TextColumn = column("The monograph.", key=True, references="monographs.monograph_id")
    contraindication_no: WholeColumn = column("Ordinal of the statement in the monograph, from 1.", key=True, low=1)
    statement_text: TextColumn = column("Statement as printed.")
    text_start: WholeColumn = text_start()
    text_end: WholeColumn = text_end()
    kind: TextColumn = column("Whether the use is ruled out or asks for care.", values=("contraindicated", "caution"))

    class Config:
        """Names the table."""

        name = "contraindications"


class AdverseReactions(Table):
    """One row for each adverse reaction that the text lists."""

    monograph_id: TextColumn = column("The monograph.", key=True, references="monographs.monograph_id")
    reaction_no: WholeColumn = column("Ordinal of the reaction in the monograph, from 1.", key=True, low=1)
    reaction: TextColumn = column("Reaction in lower case: one reaction and nothing else.")
    reaction_text: TextColumn = column("Reaction as printed.")
    text_start: WholeColumn = text_start()
    text_end: WholeColumn = text_end()
    severity: TextColumn = column("How the text groups the reaction.", values=("serious", "unspecified"))
    frequency: TextColumn = column(
        "How often the text says that it happens: its word (`common` for frequent, often and the like), or its share.",
        null="the text does not say it.",
    )
    evidence: TextColumn = column(
        "Why it is a reaction: a plain list of reactions says so, the words are a known name of one, or both.",
        values=("list", "term", "both"),
    )

    class Config:
        """Names the table."""

        name = "adverse_reactions"
