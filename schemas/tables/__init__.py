"""Every published table, in the order of publication."""

from schemas.tables.account import Findings, MonographHistory, Retired
from schemas.tables.base import TableModel, name_of
from schemas.tables.code_lists import (
    DoseFormCodes,
    FindingCodes,
    PregnancyCategoryCodes,
    RouteCodes,
    SectionCodes,
    UnitCodes,
)
from schemas.tables.documents import Drugs, Monographs, Sections, Seeds
from schemas.tables.products import (
    BrandNames,
    DosageForms,
    DrugClasses,
    Ingredients,
    ListedProducts,
    Products,
    Routes,
    Strengths,
)
from schemas.tables.safety import AdverseReactions, Contraindications, Indications, PregnancyCategories

CODE_LISTS: tuple[TableModel, ...] = (
    SectionCodes,
    RouteCodes,
    DoseFormCodes,
    UnitCodes,
    PregnancyCategoryCodes,
    FindingCodes,
)

_IN_ORDER: tuple[TableModel, ...] = (
    Seeds,
    Drugs,
    Monographs,
    Sections,
    BrandNames,
    DrugClasses,
    DosageForms,
    Routes,
    Strengths,
    Products,
    ListedProducts,
    Ingredients,
    PregnancyCategories,
    Indications,
    Contraindications,
    AdverseReactions,
    Findings,
    Retired,
    MonographHistory,
    *CODE_LISTS,
)

TABLES: dict[str, TableModel] = {name_of(table): table for table in _IN_ORDER}
