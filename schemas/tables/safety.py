"""What the drug is for and what it may do: uses, contraindications, reactions and pregnancy categories."""

from schemas.tables.base import Table, Text, Truth, Whole, column, text_end, text_start


class PregnancyCategories(Table):
    """One row for each pregnancy category that the text states; letters of different systems are never compared."""

    monograph_id: Text = column("The monograph.", key=True, references="monographs.monograph_id")
    category_no: Whole = column("Ordinal of the statement in the monograph, from 1.", key=True, low=1)
    system_code: Text = column(
        "System that the category belongs to.", references="pregnancy_category_codes.system_code"
    )
    category_code: Text = column(
        "Category in that system.",
        null="the text says that none was assigned.",
        references="pregnancy_category_codes.code",
    )
    is_assigned: Truth = column("False where the text says that no category was assigned.")
    condition_kind: Text = column(
        "What the category depends on.",
        null="it is stated without a condition.",
        values=(
            "trimester", "gestation", "route", "form", "strength", "dose", "duration", "ingredient", "indication",
            "population", "brand", "manufacturer", "other",
        ),
    )  # fmt: skip
    condition_text: Text = column("Condition as printed.", null="it is stated without a condition.")
    statement_text: Text = column("Statement as printed.")
    text_start: Whole = text_start()
    text_end: Whole = text_end()
    is_legacy: Truth = column(
        "True where the system was withdrawn, as the US FDA letters were by the labelling rule of 2015."
    )

    class Config:
        """Names the table."""

        name = "pregnancy_categories"


class Indications(Table):
    """One row for each statement of use."""

    monograph_id: Text = column("The monograph.", key=True, references="monographs.monograph_id")
    indication_no: Whole = column("Ordinal of the statement in the monograph, from 1.", key=True, low=1)
    statement_text: Text = column("Statement as printed.")
    text_start: Whole = text_start()
    text_end: Whole = text_end()
    is_off_label: Truth = column("True where the text calls the use off-label.")

    class Config:
        """Names the table."""

        name = "indications"


class Contraindications(Table):
    """One row for each statement of when not to use the drug, or to take care."""

    monograph_id: Text = column("The monograph.", key=True, references="monographs.monograph_id")
    contraindication_no: Whole = column("Ordinal of the statement in the monograph, from 1.", key=True, low=1)
    statement_text: Text = column("Statement as printed.")
    text_start: Whole = text_start()
    text_end: Whole = text_end()
    kind: Text = column("Whether the use is ruled out or asks for care.", values=("contraindicated", "caution"))

    class Config:
        """Names the table."""

        name = "contraindications"


class AdverseReactions(Table):
    """One row for each adverse reaction that the text lists."""

    monograph_id: Text = column("The monograph.", key=True, references="monographs.monograph_id")
    reaction_no: Whole = column("Ordinal of the reaction in the monograph, from 1.", key=True, low=1)
    reaction: Text = column("Reaction in lower case: one reaction and nothing else.")
    reaction_text: Text = column("Reaction as printed.")
    text_start: Whole = text_start()
    text_end: Whole = text_end()
    severity: Text = column("How the text groups the reaction.", values=("serious", "unspecified"))
    frequency: Text = column(
        "How often the text says that it happens: its word (`common` for frequent, often and the like), or its share.",
        null="the text does not say it.",
    )
    evidence: Text = column(
        "Why it is a reaction: a plain list of reactions says so, the words are a known name of one, or both.",
        values=("list", "term", "both"),
    )

    class Config:
        """Names the table."""

        name = "adverse_reactions"
