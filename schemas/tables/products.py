"""What the drug is sold as: brands, classes, dose forms, routes of administration and strengths."""

from schemas.tables.base import NumberColumn, Table, TextColumn, TruthColumn, WholeColumn, column, text_end, text_start


class BrandNames(Table):
    """One row for each brand name."""

    monograph_id: TextColumn = column("The monograph.", key=True, references="monographs.monograph_id")
    brand_no: WholeColumn = column("Ordinal of the brand in the monograph, from 1.", key=True, low=1)
    brand_name: TextColumn = column("Brand name as printed.")
    text_start: WholeColumn = text_start()
    text_end: WholeColumn = text_end()

    class Config:
        """Names the table."""

        name = "brand_names"


class DrugClasses(Table):
    """One row for each class that the text claims."""

    monograph_id: TextColumn = column("The monograph.", key=True, references="monographs.monograph_id")
    class_no: WholeColumn = column("Ordinal of the class in the monograph, from 1.", key=True, low=1)
    class_text: TextColumn = column("Class as printed.")
    text_start: WholeColumn = text_start()
    text_end: WholeColumn = text_end()
    class_kind: TextColumn = column(
        "What kind of class it is.",
        null="the words do not tell.",
        values=("therapeutic", "mechanism", "chemical"),
    )

    class Config:
        """Names the table."""

        name = "drug_classes"


class DosageForms(Table):
    """One row for each distinct dose form, declared or named only with a strength."""

    monograph_id: TextColumn = column("The monograph.", key=True, references="monographs.monograph_id")
    form_no: WholeColumn = column("Ordinal of the form in the monograph, from 1.", key=True, low=1)
    form_text: TextColumn = column("Form as first printed.")
    text_start: WholeColumn = text_start()
    text_end: WholeColumn = text_end()
    dose_form_code: TextColumn = column(
        "NCIt code of the form in the FDA SPL list.",
        null="the words have no certain code; a finding says why.",
        references="dose_form_codes.code",
        explained=True,
    )
    dose_form_name: TextColumn = column(
        "FDA SPL name of the form.", null="the words have no certain code; a finding says why."
    )
    is_declared: TruthColumn = column("True where the form stands in the dosage-form field.")
    has_strength: TruthColumn = column("True where the form stands in the list of doses.")
    route_code: TextColumn = column(
        "NCIt code of the form's own route in the FDA SPL list, as in `eye drops`.",
        null="the words of the form name no route, or several.",
        references="route_codes.code",
    )

    class Config:
        """Names the table."""

        name = "dosage_forms"


class Routes(Table):
    """One row for each distinct route of administration, declared or named inside a form."""

    monograph_id: TextColumn = column("The monograph.", key=True, references="monographs.monograph_id")
    route_no: WholeColumn = column("Ordinal of the route in the monograph, from 1.", key=True, low=1)
    route_text: TextColumn = column("Route as first printed.")
    text_start: WholeColumn = text_start()
    text_end: WholeColumn = text_end()
    route_code: TextColumn = column(
        "NCIt code of the route in the FDA SPL list.",
        null="the words have no certain code; a finding says why.",
        references="route_codes.code",
        explained=True,
    )
    route_name: TextColumn = column(
        "FDA SPL name of the route.", null="the words have no certain code; a finding says why."
    )
    is_declared: TruthColumn = column("True where the route stands in the route field.")

    class Config:
        """Names the table."""

        name = "routes"


class Strengths(Table):
    """One row for each printed strength and component: a combination is one strength with several components."""

    monograph_id: TextColumn = column("The monograph.", key=True, references="monographs.monograph_id")
    strength_no: WholeColumn = column("Ordinal of the strength in the monograph, from 1.", key=True, low=1)
    component_no: WholeColumn = column("Ordinal of the component in the strength, from 1.", key=True, low=1)
    form_text: TextColumn = column(
        "Form that the strength belongs to, as printed.", null="the text names no form with it."
    )
    dose_form_code: TextColumn = column(
        "NCIt code of that form in the FDA SPL list.",
        null="no form is named, or its words have no certain code.",
        references="dose_form_codes.code",
    )
    dose_form_name: TextColumn = column(
        "FDA SPL name of that form.", null="no form is named, or its words have no certain code."
    )
    ingredient: TextColumn = column(
        "Ingredient that the component is of.",
        null="neither the text nor the generic name states which ingredient it is.",
    )
    strength_text: TextColumn = column("Strength as printed.")
    text_start: WholeColumn = text_start()
    text_end: WholeColumn = text_end()
    strength_type: TextColumn = column(
        "Presentation: per dose unit. Concentration: per volume or mass. Rate: per time. Potency: homeopathic. "
        "Unquantified: no number that can be read with certainty.",
        values=("presentation", "concentration", "rate", "potency", "unquantified"),
    )
    numerator_value: NumberColumn = column(
        "Amount as stated, in numerator_unit_code; the low end of a range.",
        null="no number can be read with certainty; a finding says why.",
        explained=True,
    )
    numerator_high: NumberColumn = column(
        "High end of a range as stated, in numerator_unit_code.", null="the amount is no range."
    )
    numerator_unit_code: TextColumn = column(
        "Unit of the amount, in UCUM.",
        null="no number can be read with certainty; a finding says why.",
        references="unit_codes.code",
    )
    denominator_value: NumberColumn = column(
        "Amount of the whole that holds the numerator, as stated, in denominator_unit_code.",
        null="the amount is per dose unit.",
    )
    denominator_unit_code: TextColumn = column(
        "Unit of the denominator, in UCUM.", null="the amount is per dose unit.", references="unit_codes.code"
    )
    normalized_value: NumberColumn = column(
        "Comparable amount, in normalized_unit_code: mass in mg, volume in mL, radioactivity in MBq, "
        "per 1 mL, 1 g, 1 h or 1 actuation; the low end of a range, and of a range of radioactivity the high end.",
        null="no comparable amount can be read with certainty; a finding says why.",
        explained=True,
    )
    normalized_high: NumberColumn = column(
        "High end of a range in comparable terms, in normalized_unit_code.", null="the amount is no range."
    )
    normalized_unit_code: TextColumn = column(
        "Unit of the comparable amount, as one UCUM string.",
        null="no comparable amount can be read with certainty; a finding says why.",
        references="unit_codes.code",
    )
    rxnorm_strength: TextColumn = column(
        "Strength as RxNorm prints it, such as 1 MG/ML.",
        null="no comparable amount can be read, it is a range, or RxNorm has no unit for it.",
    )
    unit_text: TextColumn = column(
        "Unit, or denominator, that is printed apart from the number: mg for the 3 of 3, 6 and 9 mg.",
        null="the strength is printed with its unit, or states no number.",
    )
    basis_text: TextColumn = column(
        "What the amount is of, as printed: as hydrochloride, of base, elemental iron, PE.",
        null="the text does not say, beside the amount.",
    )
    alternate_value: NumberColumn = column(
        "The same strength as the text says it again, in alternate_unit_code, comparable as normalized_value is.",
        null="the text says the strength once.",
    )
    alternate_unit_code: TextColumn = column(
        "Unit of that amount, as one UCUM string.",
        null="the text says the strength once.",
        references="unit_codes.code",
    )
    alternate_kind: TextColumn = column(
        "What the second amount is: the same in another unit, as base, as salt, as an element or ion that it holds, "
        "or the concentration, which is then the strength.",
        null="the text says the strength once.",
        values=("other_unit", "base", "salt", "element", "concentration"),
    )

    class Config:
        """Names the table."""

        name = "strengths"


class Products(Table):
    """One row for each form and strength: what an analyst asks first, made from the other tables and nothing else."""

    monograph_id: TextColumn = column("The monograph.", key=True, references="monographs.monograph_id")
    product_no: WholeColumn = column("Ordinal of the product in the monograph, from 1.", key=True, low=1)
    drug_id: TextColumn = column("The drug.", null="the monograph's name cannot be read.", references="drugs.drug_id")
    title: TextColumn = column("Title of the monograph.")
    generic_name: TextColumn = column("Generic name of the drug.", null="the text does not tell it.")
    brand_names: TextColumn = column("Brand names, joined with `; `.", null="the text states none.")
    drug_classes: TextColumn = column("Classes as printed, joined with `; `.", null="the text states none.")
    dose_form_name: TextColumn = column(
        "FDA SPL name of the form.", null="no form is named with the strength, or its words have no certain code."
    )
    route_name: TextColumn = column(
        "FDA SPL name of the form's own route, else of the monograph's only one.",
        null="the form names no route and the monograph has none, or several.",
    )
    strength: TextColumn = column(
        "Comparable strength in words, its components joined with ` + `, such as `875 mg + 125 mg` or `1 mg/mL`.",
        null="the text states no strength with the form, or none that can be read with certainty.",
    )
    value: NumberColumn = column(
        "Comparable amount in unit_code; the low end of a range.", null="no strength, or more components than one."
    )
    unit_code: TextColumn = column(
        "Unit of the comparable amount, in UCUM.",
        null="no strength, or more components than one.",
        references="unit_codes.code",
    )
    component_count: WholeColumn = column("How many components the strength has; 0 without a strength.", low=0)
    fda_pregnancy_category: TextColumn = column(
        "Most restrictive FDA pregnancy letter that the monograph states.",
        null="the monograph states none.",
        values=("A", "B", "C", "D", "X", "N"),
    )
    seed_id: TextColumn = column("The seed that holds the monograph.", references="seeds.seed_id")
    source: TextColumn = column("Where the seed comes from.", null="seeds.csv does not list the file.")

    class Config:
        """Names the table."""

        name = "products"


class Ingredients(Table):
    """One row for each ingredient that the generic name states, with the identifier of the substance."""

    monograph_id: TextColumn = column("The monograph.", key=True, references="monographs.monograph_id")
    ingredient_no: WholeColumn = column("Ordinal of the ingredient in the monograph, from 1.", key=True, low=1)
    ingredient_text: TextColumn = column("Ingredient as printed.")
    text_start: WholeColumn = text_start()
    text_end: WholeColumn = text_end()
    unii: TextColumn = column(
        "Unique Ingredient Identifier of the substance in FDA's list.",
        null="the list has no substance of exactly this name; a finding says so.",
        explained=True,
    )
    substance_name: TextColumn = column(
        "Name of the substance that FDA's list prefers.",
        null="the list has no substance of exactly this name; a finding says so.",
    )
    link: TextColumn = column(
        "Exact: the whole generic name is the substance's. Split: a part of a combination is.",
        null="the list has no substance of exactly this name; a finding says so.",
        values=("exact", "split"),
    )

    class Config:
        """Names the table."""

        name = "ingredients"


class ListedProducts(Table):
    """One row for each active ingredient of a product as a structured format (SPL, openFDA) lists it, beside the text.

    Nothing of it was read from words, and nothing that was read from words was made of it.
    """

    monograph_id: TextColumn = column("The monograph.", key=True, references="monographs.monograph_id")
    listed_no: WholeColumn = column("Ordinal of the row in the monograph, from 1.", key=True, low=1)
    part_no: WholeColumn = column("Part of a kit, from 1.", null="the product is no part of a kit.", low=1)
    ndc: TextColumn = column("National Drug Code of the product, without that of the package.", null="none is listed.")
    product_name: TextColumn = column("Name of the product, with its suffix.", null="none is listed.")
    dose_form_code: TextColumn = column(
        "NCIt code of the dose form in the FDA SPL list.",
        null="none is listed, or it has another name there than in the label, which a finding says.",
        references="dose_form_codes.code",
    )
    dose_form_name: TextColumn = column("Name of the dose form, as listed.", null="none is listed.")
    route_codes: TextColumn = column("NCIt codes of the routes, joined with semicolons.", null="none is listed.")
    ingredient: TextColumn = column("Name of the active ingredient, as listed.", null="none is listed, as for a kit.")
    unii: TextColumn = column("Unique Ingredient Identifier of the ingredient.", null="none is listed.")
    strength_basis: TextColumn = column(
        "What the strength is of: ACTIB the ingredient, ACTIM its active moiety, ACTIR a reference substance.",
        null="the format does not tell.",
        values=("ACTIB", "ACTIM", "ACTIR"),
    )
    numerator_value: NumberColumn = column("Amount of the ingredient, in numerator_unit.", null="none is listed.")
    numerator_unit: TextColumn = column("Unit of the amount, in UCUM as listed.", null="no amount is listed.")
    denominator_value: NumberColumn = column("Amount that holds it, in denominator_unit.", null="none is listed.")
    denominator_unit: TextColumn = column(
        "Unit of that amount, in UCUM as listed; 1 for a dose unit.", null="none is listed."
    )
    origin: TextColumn = column("Place in the seed: an XPath or a JSON pointer.")

    class Config:
        """Names the table."""

        name = "listed_products"
