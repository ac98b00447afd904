"""Pregnancy categories, and whether a monograph speaks of breastfeeding.

    statement = label { joint } values                   FDA pregnancy category C     TGA: B3     assigned to category D
              | denial                                   has not been assigned to a pregnancy category
    label     = { system | "pregnancy" | "category" | "assigned" | joint }
    values    = value { separator value }                D (third trimester); C (first and second trimester)     C/D
    value     = { "pregnancy" | "category" } ( letter | unassigned ) [ condition ] [ system ]
              | condition ":" value                      First trimester: C
    unassigned = "not assigned" | negation { adverb } "assigned"
    condition = "(" … ")" | opener …                     (oral)     in patients with cancer     before 30 weeks
    separator = ";" | "," | "/" | "and" | "or" | "(" | new line

A letter counts only if a label or a heading leads to it, and if what follows does not make it part of a phrase
(`A higher risk`, `category X drugs`). A letter that is explained (`Category C: risk cannot be ruled out`) is a
definition; three or more explained letters are a legend and say nothing of the drug.

A letter belongs to the system that is named with it, else in its sentence, else in the heading, else to the only system
that the text names. If none is named, a letter that FDA used and that `category` leads to is read as US_FDA,
since US labels had to print `Pregnancy Category C` in these words (21 CFR 201.57 before 2015), while other systems'
letters are quoted with their system. A letter without that word (`Pregnancy: C`), in another language, or of other
systems only (`B3`) is left unread with a finding, because A, C and D mean different things in different systems.

Whose letter it is:

    subject verb label letter          `Tobramycin is category D`: another drug's, if this drug is not so called
    name ":" label letter              `Tobramycin: category D`, if a stem of WHO's list shows that it is a name
    "a" label letter                   `a category C analogue`: this drug's only after `it is` or its own name
    label letter [verb] general        `"category B" no longer applies`: spoken about
    general label letter               `no longer uses category C`: spoken about

What a word may be is a row: a letter of a system (`pregnancy_categories.csv`, `pregnancy_synonyms.csv`), the name of a
system (`pregnancy_systems.csv`), or a word with roles (`pregnancy_words.csv`). Roles lead to a letter (`pregnancy`,
`category`, `category abroad`, `assign`, `join`), deny it (`negation`, `adverb`, `absent`, `unassigned`), follow it
(`separator`, `opener` and `depends` of a condition, `stop`, `verb`, `define`), or show that it is not the drug's
(`other`, `plural`, `foreign`, `modal`, `lactation`, `general`). `own` words mean the drug itself. The terms of a text
are walked once, and every look ahead is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from pipelines.lexer import BREAK, NUMBER, SOFT_BREAK, WORD, Tokens, cut_words, lines
from pipelines.lexicon import Vocabulary, vocabulary
from pipelines.records import Finding, FindingCode, Monograph, Passage, PregnancyCategory, Section
from schemas import codes

_SECTIONS = frozenset(
    {
        "otc_pregnancy",
        "pregnancy",
        "pregnancy_and_lactation",
        "pregnancy_category",
        "pregnancy_nonteratogenic",
        "pregnancy_teratogenic",
        "specific_populations",
    }
)
_SECTIONS_OF_LINES = frozenset(
    {
        "cautions",
        "contraindications",
        "contraindications_and_cautions",
        "general_precautions",
        "other",
        "overview",
        "precautions",
        "warnings",
    }
)
_LACTATION_SECTIONS = frozenset({"lactation", "nursing_mothers"})
_TABLE = "pregnancy_categories"
_US_FDA = "US_FDA"
_NOT_ASSIGNED = "N"
_UNREAD_CODE = FindingCode("PREGNANCY_UNREAD")
_UNSTATED = FindingCode("PREGNANCY_SYSTEM_UNSTATED")
_SPOKEN_ABOUT = "The text speaks about a category; it does not state the drug's."

_LONGEST_LABEL = 16
_LONGEST_NAME = 4
_LONGEST_CONDITION = 60
_LONGEST_PREFIX = 8
_LONGEST_SUBJECT = 12
_LONGEST_NAMELESS = 6  # words of a condition of no known kind; more is an explanation
_MOST_BETWEEN = 8
_MOST_TAILS = 3
_LEGEND = 3

_CATEGORY = frozenset({"category", "category abroad"})
_BEFORE_LETTER = frozenset({"pregnancy", "category", "category abroad"})
_NAMES = frozenset({"system", "pregnancy", "category", "category abroad"})
_LABEL = _NAMES | {"assign"}
_RUN = _LABEL | {"join"}
_STOPS = frozenset({"end", "break"})
_SEPARATES = frozenset({"separator", "break"})
_CUTS = frozenset({"verb", "modal"})
_BETWEEN = frozenset({"join", "adverb", "verb", "opener"})
_ABOUT = frozenset({"verb", "adverb", "modal"})
_CLOSES_LETTER = frozenset({"end", "break", "separator", "opener", "depends", "mark", "stop"})
_NAMELESS = frozenset({"word"})  # a word of no table
_TIMES = frozenset({"trimester", "gestation"})
_EXPLAINS = frozenset({":", "=", "-"})
_LEADS = frozenset({":", "-", "=", "("})
_BRACKETS = {"(": ")", "[": "]"}
_QUOTES = frozenset({'"', "'"})
_ENDS_CLAUSE = frozenset({",", ";", ":", "(", ")", "[", "]"})
_KINDS = (
    "trimester", "gestation", "brand", "manufacturer", "indication", "population", "duration", "dose", "strength",
    "form", "route", "ingredient",
)  # fmt: skip
_REMARK = "remark"
_LONGEST_HEAD = 40  # tokens of the first page above the title
_STEM = "-"


def read_pregnancy_categories(
    monograph: Monograph, tokens: Tokens, names: frozenset[str]
) -> tuple[tuple[PregnancyCategory, ...], tuple[Finding, ...]]:
    """Every category that a monograph states, in reading order, and why others are left unread; never raises.

    `names` are the folded words of the drug's own names: with them, the letter of another drug is told from its own.
    The document's title may name the system, too: `Australian Product Information`.
    """
    categories: dict[tuple[str, str | None, str | None], PregnancyCategory] = {}
    findings: list[Finding] = []
    for section in monograph.sections:
        for found, reasons in _read_parts(section, tokens, names, monograph.title):
            for category in found:
                categories.setdefault(_what_it_says(category), category)
            findings += reasons
    return tuple(categories.values()), tuple(findings)


def _what_it_says(category: PregnancyCategory) -> tuple[str, str | None, str | None]:
    return category.system, category.code, codes.fold(category.condition.text) if category.condition else None


def _read_parts(
    section: Section, tokens: Tokens, names: frozenset[str], title: Passage
) -> Iterator[tuple[list[PregnancyCategory], list[Finding]]]:
    """What a section on pregnancy states as a whole, and any other in each line that says `pregnancy category`."""
    if section.body and section.code in _SECTIONS:
        yield _read_section(section, tokens, names, title)
    elif section.body and section.code in _SECTIONS_OF_LINES:
        for first, after in lines(tokens, *tokens.span(section.body)):
            keys = tokens.keys[first:after]
            if not (_words("category").isdisjoint(keys) or _words("pregnancy").isdisjoint(keys)):
                line = Section(section.code, None, tokens.passage(first, after))
                yield _read_section(line, tokens, names, title)


@cache
def _words(role: str) -> frozenset[str]:
    """The single words of a role."""
    rows = (row for row in codes.rows("pregnancy_words") if role in row["roles"].split("; "))
    return frozenset(words[0] for words in map(cut_words, (row["text"] for row in rows)) if len(words) == 1)


def _read_section(
    section: Section, tokens: Tokens, names: frozenset[str], title: Passage
) -> tuple[list[PregnancyCategory], list[Finding]]:
    heading = _Terms(tokens, *tokens.span(section.heading)) if section.heading else None
    label = _heading_label(heading) if heading else None
    terms = _Terms(tokens, *tokens.span(section.body))
    is_label = label is not None and label.says_category
    if not (is_label or _may_state(terms, label)):
        return [], []
    reader = _Reader(terms, names)
    reader.read(label)
    named = {term.value for term in terms.terms if term.value and "names alone" in term.roles}
    begin, end = tokens.span(title)
    begin = 0 if begin <= _LONGEST_HEAD else begin  # what stands above the title names the document, too
    around = _around(label, named) or _systems_in(_Terms(tokens, begin, end))
    is_narrative = heading is not None and _narrative_start(heading) < len(heading)
    narrative = 0 if is_narrative else _narrative_start(terms)
    categories, findings = _resolved(terms, reader.found, around, narrative)
    if is_label and not categories and not findings:
        first_line = section.body.part(0, len(section.body.text.split("\n", 1)[0]))
        findings = [_finding(_UNREAD_CODE, "The heading announces a category, and the text states none.", first_line)]
    return categories, findings


def _may_state(terms: _Terms, heading: _Label | None) -> bool:
    """A cheap first test: most sections name no category and no system."""
    under_name = heading is not None and not heading.roles.isdisjoint(("pregnancy", "system"))
    first = next((at for at in range(len(terms)) if not terms.is_any(at, frozenset({"mark", "break"}))), 0)
    if under_name and terms.is_a(first, "code") and terms.says(first)[0].isupper():
        return True
    return any(
        terms.is_any(at, _CATEGORY | {"system"}) or (terms.is_a(at, "pregnancy") and terms.says(at + 1) in _LEADS)
        for at in range(len(terms))
    )


def _narrative_start(terms: _Terms) -> int:
    """Where the narrative begins that took the place of FDA's letters in 2015; the end of a text that has none."""
    return next((at for at in range(len(terms)) if terms.is_a(at, "narrative")), len(terms))


def _around(heading: _Label | None, named: set[str]) -> tuple[str, ...]:
    """The system that a letter belongs to if its own sentence names none: the heading's, or the text's only one."""
    if heading is not None and heading.systems:
        return heading.systems
    return tuple(named) if len(named) == 1 else ()


def _systems_in(title: _Terms) -> tuple[str, ...]:
    """The one system that a title names."""
    named = {term.value for term in title.terms if "system" in term.roles}
    return tuple(named) if len(named) == 1 else ()


# --- terms ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a spelling may be, and the code of a letter or system."""

    roles: frozenset[str]
    value: str = ""


@dataclass(frozen=True, slots=True)
class _Term:
    """A word, a known phrase, a mark, the end of a sentence or of a line, with the tokens that it takes."""

    roles: frozenset[str]
    first: int
    after: int
    value: str = ""


@cache
def _known() -> Vocabulary[_Entry]:
    entries: dict[tuple[tuple[str, ...], str], tuple[str, _Entry, bool]] = {}
    for row in codes.rows("pregnancy_words"):
        entries[cut_words(row["text"]), ""] = (row["text"], _Entry(frozenset(row["roles"].split("; "))), False)
    spellings = {row["code"]: row["code"] for row in codes.rows("pregnancy_categories")}
    for text, code in [*spellings.items(), *((row["text"], row["code"]) for row in codes.rows("pregnancy_synonyms"))]:
        before = entries.get((cut_words(text), ""))
        roles = frozenset({"code"}) | (before[1].roles if before else frozenset())
        entries[cut_words(text), ""] = (text, _Entry(roles, code), False)
    for row in codes.rows("pregnancy_systems"):
        roles = frozenset({"system", "names alone"} if row["names_alone"] == "true" else {"system"})
        exact = row["text"] if row["as_printed"] == "true" else ""
        entries[cut_words(row["text"]), exact] = (row["text"], _Entry(roles, row["system_code"]), bool(exact))
    return Vocabulary("pregnancy_words", entries.values())


class _Terms:
    """The terms of a stretch of text, and what stands where. Positions are numbers of terms."""

    def __init__(self, tokens: Tokens, first: int, after: int) -> None:
        """Looks up each token, the longest phrase first."""
        self.tokens = tokens
        self.terms = list(_terms(tokens, first, after))
        self.legend: frozenset[int] = frozenset()
        explained = [at for at in range(len(self)) if self.is_a(at, "code") and self.explains(at)]
        if len({self.terms[at].value for at in explained}) >= _LEGEND:
            self.legend = frozenset(explained)

    def __len__(self) -> int:
        return len(self.terms)

    def is_any(self, at: int, roles: frozenset[str]) -> bool:
        """Whether the term has one of the roles."""
        return 0 <= at < len(self.terms) and not roles.isdisjoint(self.terms[at].roles)

    def is_a(self, at: int, role: str) -> bool:
        """Whether the term has the role."""
        return 0 <= at < len(self.terms) and role in self.terms[at].roles

    def says(self, at: int) -> str:
        """The words of the term; empty beyond the ends."""
        return self.text(at, at + 1) if 0 <= at < len(self.terms) else ""

    def text(self, first: int, after: int) -> str:
        """The words of some terms."""
        return self.tokens.plain(self.terms[first].first, self.terms[after - 1].after)

    def passage(self, first: int, after: int) -> Passage:
        """The printed words of some terms."""
        return self.tokens.passage(self.terms[first].first, self.terms[after - 1].after)

    def skip(self, at: int, roles: frozenset[str], most: int) -> int:
        """Past up to `most` terms that have one of the roles."""
        end = at
        while end < at + most and self.is_any(end, roles):
            end += 1
        return end

    def to_letter(self, at: int, roles: frozenset[str], most: int) -> int:
        """Past up to `most` terms that have one of the roles, and up to a value."""
        end = at
        while end < at + most and self.is_any(end, roles):
            if self.is_value(end, is_led=self.is_any(end - 1, _CATEGORY)):
                break
            end += 1
        return end

    def explains(self, at: int) -> bool:
        """Whether the letter is followed by what it means."""
        if self.says(at).islower():
            return False
        return self.says(at + 1) in _EXPLAINS or self.is_any(at + 1, frozenset({"define", "verb"}))

    def is_letter(self, at: int, *, is_led: bool) -> bool:
        """Whether a letter stands here and not an article or the beginning of a word group.

        `is_led`: the word `category` stands right before it; then only `a` and `A` depend on what follows.
        """
        if not self.is_a(at, "code") or at in self.legend:
            return False
        printed = self.says(at)
        if is_led and printed[0].isupper() and printed != "A":
            return True
        if at + 1 == len(self.terms) or self.is_any(at + 1, _CLOSES_LETTER) or self.labels_next(at + 1):
            return True
        follows = frozenset({"define", "modal", "plural", "join", "verb"})
        return is_led and printed == "A" and self.is_any(at + 1, follows)

    def labels_next(self, at: int) -> bool:
        """Whether a system stands here that leads to the next letter: `US: C AU: B3`."""
        return self.is_a(at, "system") and (self.says(at + 1) in _EXPLAINS or self.is_any(at + 1, _BEFORE_LETTER))

    def is_value(self, at: int, *, is_led: bool) -> bool:
        """Whether a letter stands here, or words that none was assigned."""
        return self.is_letter(at, is_led=is_led) or self.unassigned_end(at) is not None

    def unassigned_end(self, at: int) -> int | None:
        """The term after `not assigned`, `has not yet been assigned` from its negation on; None if that is not said."""
        if self.is_a(at, "unassigned"):
            return at + 1
        if not self.is_a(at, "negation"):
            return None
        end = self.skip(at + 1, frozenset({"adverb"}), _LONGEST_NAME)
        return end + 1 if self.is_a(end, "assign") and not self.is_a(end, "unassigned") else None


def _terms(tokens: Tokens, first: int, after: int) -> Iterator[_Term]:
    at = first
    while at < after:
        kind = tokens.kinds[at]
        if kind == SOFT_BREAK or (kind == BREAK and not _ends_line(tokens, at, after)):
            at += 1
            continue
        found = _known().longest(tokens, at, after) if kind != BREAK else None
        if found is not None and "code" in found[0].roles and _is_hyphenated(tokens, at, found[1], after):
            found = None
        role = _role(tokens, at, after)
        if found is not None:
            yield _Term(frozenset({role}) | found[0].roles, at, found[1], found[0].value)
            at = found[1]
        else:
            end = _word_end(tokens, at, after)
            yield _Term(frozenset({role}), at, end)
            at = end


def _role(tokens: Tokens, at: int, after: int) -> str:
    """What a token is in itself: a word or number, a mark, or the end of a sentence or line."""
    kind = tokens.kinds[at]
    if kind == BREAK:
        return "break"
    if kind in (WORD, NUMBER):
        return "word"
    if tokens.keys[at] not in (".", "!", "?"):
        return "mark"
    end = at + 1
    while end < after and tokens.kinds[end] in (BREAK, SOFT_BREAK):
        end += 1
    is_apart = end > at + 1 or not (end < len(tokens) and tokens.is_tight(end))
    return "end" if end >= after or (is_apart and not tokens.printed_case(end)[0].islower()) else "mark"


def _ends_line(tokens: Tokens, at: int, after: int) -> bool:
    """Whether a line ends here: one that goes on in lower case is a wrapped line."""
    return at + 1 >= after or not tokens.printed_case(at + 1)[0].islower()


def _word_end(tokens: Tokens, at: int, after: int) -> int:
    """The token after a word with what hyphens join to it: `B-cell`, `U-100`."""
    end = at + 1
    while tokens.kinds[at] in (WORD, NUMBER) and _is_hyphenated(tokens, at, end, after, only_after=True):
        end += 2
    return end


def _is_hyphenated(tokens: Tokens, at: int, end: int, after: int, *, only_after: bool = False) -> bool:
    """Whether a hyphen joins the tokens to a word behind them, or to a word before them that is no label."""
    is_tight = end + 1 < after and tokens.keys[end] == "-" and tokens.is_tight(end) and tokens.is_tight(end + 1)
    if is_tight and tokens.kinds[end + 1] in (WORD, NUMBER):
        return True
    if only_after or at <= 1 or tokens.keys[at - 1] != "-" or not (tokens.is_tight(at) and tokens.is_tight(at - 1)):
        return False
    before = _known().longest(tokens, at - 2, at - 1)
    return before is None or before[0].roles.isdisjoint(_CATEGORY)


# --- what is found -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Condition:
    """What a letter depends on, and the terms that say so."""

    kind: str
    first: int
    after: int
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class _Statement:
    """One stated letter. `code` is None if none was assigned; `systems` are those named with it.

    `list_no` is shared by the letters of one list. `says_category` is False if only `pregnancy` leads to the letter,
    `is_bare` True if only `category` does.
    """

    first: int
    after: int
    code: str | None
    systems: tuple[str, ...]
    list_no: int
    condition: _Condition | None = None
    is_definition: bool = False
    says_category: bool = True
    is_english: bool = True
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class _Unread:
    """Terms that speak of a category without stating one for certain."""

    first: int
    after: int
    message: str


@dataclass(frozen=True, slots=True)
class _Label:
    """What leads to a letter: from term `first` up to term `next`."""

    first: int
    next: int
    systems: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    is_punctuated: bool = False
    is_heading: bool = False

    @property
    def says_category(self) -> bool:
        """Whether it speaks of a category."""
        return not self.roles.isdisjoint(_CATEGORY | {"assign"})


@dataclass(slots=True)
class _Found:
    """All statements in order, and the words that state nothing for certain."""

    statements: list[_Statement] = field(default_factory=list)
    unread: list[_Unread] = field(default_factory=list)


@dataclass(slots=True)
class _Sentence:
    """What was said before, in the same sentence."""

    first: int = 0
    systems: tuple[str, ...] = ()
    topic: str = ""
    depth: int = 0
    other: int | None = None
    is_general: bool = False

    def note(self, terms: _Terms, at: int) -> None:
        """Takes in one term: systems, whether milk is spoken of, another drug, or categories in general."""
        term, text = terms.terms[at], terms.says(at)
        if "system" in term.roles:
            self.systems = (term.value,)
        for topic in term.roles & {"pregnancy", "lactation"}:
            self.topic = topic
        if "other" in term.roles:
            self.other = self.depth
        self.is_general = self.is_general or "general" in term.roles
        self.depth += (text in _BRACKETS) - (text in _BRACKETS.values())
        if self.other is not None and self._ends_aside(terms, at):
            self.other = None

    def _ends_aside(self, terms: _Terms, at: int) -> bool:
        """`unlike isotretinoin, which is X,`: the comma before `which` does not end what is said of the other drug."""
        if self.depth < (self.other or 0):
            return True
        goes_on = terms.is_a(at + 1, "stop") or terms.is_a(at - 1, "other")
        return terms.says(at) in (",", ";") and self.depth == self.other and not goes_on


def _heading_label(terms: _Terms) -> _Label:
    """A heading as the label of what stands under it."""
    return replace(_label_of(terms, 0, len(terms), is_punctuated=True), next=0, is_heading=True)


def _label_of(terms: _Terms, first: int, after: int, *, is_punctuated: bool) -> _Label:
    run = terms.terms[first:after]
    systems = tuple(term.value for term in run if "system" in term.roles)
    roles: frozenset[str] = frozenset().union(*(term.roles for term in run))
    return _Label(first, after, systems, roles, is_punctuated=is_punctuated)


# --- conditions ----------------------------------------------------------------------------------------------------


@cache
def _condition_words() -> Vocabulary[str]:
    rows = codes.rows("pregnancy_condition_words")
    return Vocabulary(
        "pregnancy_condition_words", ((r["text"], r["kind"], False) for r in rows if not r["text"].startswith(_STEM))
    )


@cache
def _stems() -> tuple[str, ...]:
    texts = (row["text"] for row in codes.rows("pregnancy_condition_words"))
    return tuple(text[1:] for text in texts if text.startswith(_STEM))


@cache
def _units() -> frozenset[str]:
    return frozenset(codes.fold(row["text"]) for row in codes.rows("unit_synonyms"))


def _condition_kind(tokens: Tokens, first: int, after: int, *, is_bracketed: bool) -> str | None:
    """What the words of a condition are about; None if they are no condition but an explanation.

    Of several kinds the first of _KINDS counts: `0.5% ophthalmic solution` is a strength. In brackets, a few words of
    no known kind are a condition too: of an `ingredient` if a word ends in a stem of WHO's list of names, else `other`.
    """
    kinds = list(_kinds_of_words(tokens, first, after))
    if not kinds or kinds[0] == _REMARK:
        return None
    known = {kind for kind in kinds if kind in _KINDS} | ({"strength"} if _has_amount(tokens, first, after) else set())
    for kind in _KINDS:
        if kind in known:
            return kind
    if not is_bracketed or _REMARK in kinds or len(kinds) > _LONGEST_NAMELESS or set(kinds) == {""}:
        return None
    return "ingredient" if any(tokens.keys[at].endswith(_stems()) for at in range(first, after)) else "other"


def _kinds_of_words(tokens: Tokens, first: int, after: int) -> Iterator[str | None]:
    """The kind of each word or known run of words: "" for words that are no condition, None for unknown ones."""
    at = first
    while at < after:
        if tokens.kinds[at] not in (WORD, NUMBER):
            at += 1
            continue
        found = _condition_words().longest(tokens, at, after)
        if found is not None:
            yield found[0]
            at = found[1]
        else:
            yield None
            at = _word_end(tokens, at, after)


def _has_amount(tokens: Tokens, first: int, after: int) -> bool:
    return any(
        tokens.kinds[at] == NUMBER and at + 1 < after and tokens.keys[at + 1] in _units() for at in range(first, after)
    )


def _condition(terms: _Terms, first: int, after: int, *, is_bracketed: bool = False) -> _Condition | None:
    """The words of some terms as a condition."""
    if not first < after <= len(terms):
        return None
    begin, end = terms.terms[first].first, terms.terms[after - 1].after
    kind = _condition_kind(terms.tokens, begin, end, is_bracketed=is_bracketed)
    is_shared = any(terms.is_a(i, "depends") for i in range(first, after))
    return None if kind is None else _Condition(kind, first, after, is_shared)


def _condition_before(terms: _Terms, at: int) -> tuple[_Condition | None, int]:
    """`First trimester:` or `injection, category` up to the value; None and `at` if one begins at once."""
    for colon in range(at, at + _LONGEST_PREFIX):
        if terms.is_a(colon, "category") and terms.is_letter(colon + 1, is_led=True):
            condition = _condition(terms, at, colon - (terms.says(colon - 1) == ","))
            return (condition, colon) if condition is not None else (None, at)
        if terms.is_any(colon, _STOPS | {"code", "other"} | _LABEL) or terms.says(colon) in (",", ";", "("):
            break
        if terms.says(colon) == ":":
            condition = _condition(terms, at, colon)
            return (condition, colon + 1) if condition is not None else (None, at)
    return None, at


def _condition_leading(terms: _Terms, first: int, at: int) -> _Condition | None:
    """A time at the head of the sentence, `In the third trimester it is`, or any condition before a colon."""
    if not first < at <= first + _LONGEST_LABEL:
        return None
    cut_at = next((i for i in range(first, at) if terms.says(i) in (",", ":") or terms.is_any(i, _CUTS)), at)
    while cut_at > first and terms.is_a(cut_at - 1, "join"):
        cut_at -= 1
    condition = _condition(terms, first, cut_at)
    if condition is None or (terms.says(cut_at) == ":" and cut_at == at - 1):
        return condition
    return condition if terms.is_a(first, "opener") and condition.kind in _TIMES else None


def _with_tail(terms: _Terms, statement: _Statement, at: int, last: _Condition | None) -> tuple[_Statement, int]:
    """The statement with the condition and the system that stand after its letter.

    `last` is the condition of the value before, in a list.
    """
    for _ in range(_MOST_TAILS):
        system = _system_after(terms, at)
        condition, after = (None, at) if system is not None else _condition_after(terms, at, last)
        if system is not None:
            after = system
            named = tuple(term.value for term in terms.terms[at:after] if "system" in term.roles)
            statement = replace(statement, systems=named)
        if after == at:
            break
        if condition is not None:
            statement = replace(statement, condition=condition)
        statement = replace(statement, after=after)
        at = after
    return statement, at


def _system_after(terms: _Terms, at: int) -> int | None:
    """The term after a system that is named behind the letter: `by the FDA`, `(Australia)`."""
    end = terms.skip(at, frozenset({"join"}), _LONGEST_NAME)
    if not terms.is_a(end, "system") or terms.is_any(at, frozenset({"verb", "stop"})):
        return None
    if terms.says(at) not in _BRACKETS:
        names_next = terms.is_any(end + 1, _LABEL | {"code", "verb"}) or terms.says(end + 1) in _EXPLAINS
        return None if names_next else end + 1
    closing = _BRACKETS[terms.says(at)]
    close = next((i for i in range(end + 1, end + _LONGEST_PREFIX) if terms.says(i) == closing), None)
    is_all_label = close is not None and terms.skip(end + 1, _RUN | {"separator"}, close - end - 1) == close
    return close + 1 if close is not None and is_all_label else None


def _condition_after(terms: _Terms, at: int, last: _Condition | None) -> tuple[_Condition | None, int]:
    """The condition behind a letter and the term after it; None and `at` if there is none."""
    if terms.says(at) in _BRACKETS:
        return _bracket(terms, at)
    if terms.says(at) == ",":
        return _to_bracket_end(terms, at)
    if terms.says(at) in _EXPLAINS:
        end = next((i for i in range(at + 1, at + 1 + _LONGEST_PREFIX) if _ends_condition(terms, i)), at)
        explains = any(terms.is_any(i, _CUTS) for i in range(at + 1, end))  # words with a verb explain the letter
        condition = None if explains else _condition(terms, at + 1, end)
        return (condition, end) if condition is not None else (None, at)
    if not terms.is_any(at, frozenset({"opener", "depends"})):
        return None, at
    end = next((i for i in range(at + 1, at + _LONGEST_CONDITION) if _ends_condition(terms, i)), at)
    if end == at + 1 and last is not None:  # `before 30 weeks; category D after`
        return _Condition(last.kind, at, at + 1), end
    end = _before_verb(terms, at, end)
    condition = _condition(terms, at, end)
    return (condition, end) if condition is not None else (None, at)


def _bracket(terms: _Terms, at: int) -> tuple[_Condition | None, int]:
    """A condition in brackets; a bracket that explains the letter is passed over."""
    closing = _BRACKETS[terms.says(at)]
    close = next((i for i in range(at, at + _LONGEST_CONDITION) if terms.says(i) == closing), None)
    if close is None or _is_nested(terms, at):
        return None, at
    return _condition(terms, at + 1, close, is_bracketed=True), close + 1


def _to_bracket_end(terms: _Terms, at: int) -> tuple[_Condition | None, int]:
    """`(category D, injection)`: the condition between a comma and the end of the bracket that the letter is in."""
    close = next((i for i in range(at, at + _LONGEST_PREFIX) if _ends_condition(terms, i)), at)
    condition = _condition(terms, at + 1, close) if terms.says(close) in _BRACKETS.values() else None
    return (condition, close) if condition is not None else (None, at)


def _ends_condition(terms: _Terms, at: int) -> bool:
    """At the end of a sentence or line, at `;`, before the next value, or if a reason begins."""
    if at >= len(terms) or terms.is_any(at, _STOPS | {"stop"}) or terms.says(at) in (";", ")", "]", "("):
        return True
    if not terms.is_a(at, "separator"):
        return False
    after = terms.skip(_separated(terms, at), _BEFORE_LETTER, _LONGEST_NAME)
    return terms.is_value(after, is_led=False) or terms.is_any(after, _LABEL - {"assign"})


def _before_verb(terms: _Terms, first: int, after: int) -> int:
    """`in the third trimester and should be avoided` ends before the conjunction."""
    verb = next((i for i in range(first, after) if terms.is_any(i, _CUTS)), after)
    joints = [i for i in range(first, verb) if terms.is_a(i, "separator")]
    end = joints[-1] if verb < after and joints else after
    while end > first and terms.is_a(end - 1, "separator"):
        end -= 1
    return end


def _separated(terms: _Terms, at: int) -> int:
    """Past the separator between two values; `at` if there is none."""
    if terms.says(at) in _BRACKETS:
        return at + 1 if _is_nested(terms, at) else at
    end = terms.skip(at, _SEPARATES, _LONGEST_NAME)
    return terms.skip(end, frozenset({"mark"}), 1) if terms.is_a(end - 1, "break") and end > at else end


def _is_nested(terms: _Terms, at: int) -> bool:
    """A bracket that begins with a value: `C (D in the third trimester)`, `A (injection: category C)`."""
    begin = _condition_before(terms, at + 1)[1]
    inner = terms.skip(begin, _BEFORE_LETTER, _LONGEST_NAME)
    return terms.is_letter(inner, is_led=inner > begin and terms.is_any(inner - 1, _CATEGORY))


# --- statements ----------------------------------------------------------------------------------------------------


class _Reader:
    """The walk over the terms of a section. Methods that read a rule give the term after it."""

    def __init__(self, terms: _Terms, names: frozenset[str]) -> None:
        self.terms = terms
        self.names = names
        self.found = _Found()
        self.sentence = _Sentence()
        self.lists = 0
        self.is_about_pregnancy = any("pregnancy" in term.roles for term in terms.terms)

    def read(self, heading: _Label | None) -> None:
        """Reads every statement; `heading` stands before the text."""
        at = self.under(heading) if heading is not None else 0
        while at < len(self.terms):
            after = self.statement(at)
            for passed in range(at, max(after, at + 1)):
                self.pass_by(passed)
            if after > at:
                self.sentence.first = after
            at = max(after, at + 1)

    def under(self, heading: _Label) -> int:
        """The term after the values that stand at once under a heading; without `category`, letters only."""
        self.is_about_pregnancy |= not heading.roles.isdisjoint(_NAMES)
        at = self.terms.skip(0, _STOPS, len(self.terms))
        is_name = not heading.roles.isdisjoint(_NAMES)
        leads = heading.says_category or (is_name and self.terms.is_a(at, "code"))
        return self.values(at, heading) if leads else 0

    def pass_by(self, at: int) -> None:
        if self.terms.is_any(at, _STOPS):
            self.sentence = _Sentence(at + 1)
            return
        if self.terms.says(at) == ";":
            self.sentence.first = at + 1
        self.sentence.note(self.terms, at)

    def refuse(self, first: int, after: int, message: str) -> int:
        """Keeps words that speak of a category and state none for certain; gives the term after them."""
        end = min(after, len(self.terms))
        self.found.unread.append(_Unread(first, end, message))
        return end

    def statement(self, at: int) -> int:
        """The term after the statement that begins here; `at` if none does."""
        terms = self.terms
        if terms.is_a(at, "negation") or (terms.is_a(at, "unassigned") and terms.is_a(at, "assign")):
            return self.denial(at)
        label = self.label(at) if terms.is_any(at, _LABEL) else None
        if label is None or not self.leads_to_value(label):
            return at
        if self.is_of_another(label):
            return label.next
        if self.is_anothers(label):
            return self.refuse(label.first, label.next + 1, "The letter is another drug's.")
        is_about = self.sentence.is_general or (not label.is_punctuated and self.is_spoken_about(label.next))
        if is_about and terms.is_a(label.next, "code"):
            return self.refuse(label.first, label.next + 1, _SPOKEN_ABOUT)
        return self.values(label.next, label)

    def label(self, at: int) -> _Label:
        """The longest run of label words from here: it ends before a letter, `not assigned` or an unrelated word."""
        terms = self.terms
        end = last = at
        while end < at + _LONGEST_LABEL and not terms.is_value(
            end, is_led=end > at and terms.is_any(end - 1, _CATEGORY)
        ):
            if terms.is_any(end, _LABEL):
                last = end
            after = end + 1 if self.is_in_label(end) else self.after_name(end)
            if after == end:
                break
            end = after
        is_punctuated = any(terms.says(i) in (":", "=") for i in range(last + 1, end))
        return _label_of(terms, at, end, is_punctuated=is_punctuated)

    def is_in_label(self, at: int) -> bool:
        terms = self.terms
        if terms.is_any(at, _RUN | {"adverb"}) and at not in terms.legend:
            return True
        letter = terms.skip(at, frozenset({"break"}), 2)
        begin = at - 1 if terms.is_a(at - 1, "break") else at
        return letter > at and terms.is_any(begin - 1, _CATEGORY) and terms.is_a(letter, "code")

    def after_name(self, at: int) -> int:
        """Past a drug's name: `category for baclofen is`. `at` if there is none."""
        terms = self.terms
        if not terms.is_a(at - 1, "opener") or not terms.is_any(at - 2, _CATEGORY):
            return at
        ahead = range(at + 1, at + 1 + _LONGEST_NAME)
        return next((i for i in ahead if terms.says(i) == ":" or terms.is_a(i, "verb")), at)

    def leads_to_value(self, label: _Label) -> bool:
        """Whether the label is complete, speaks of pregnancy, and a value follows or was to be expected."""
        terms, at = self.terms, label.next
        systems = label.systems or self.sentence.systems
        is_named = bool(systems) or _system_after(terms, at + 1) is not None
        if not (self.is_about_pregnancy or is_named):
            return False
        if not label.roles.isdisjoint(_CATEGORY):
            return label.is_punctuated or terms.is_value(at, is_led=terms.is_any(at - 1, _CATEGORY))
        is_printed_letter = terms.is_letter(at, is_led=False) and terms.says(at)[0].isupper()
        if "assign" in label.roles:
            return is_named and is_printed_letter
        if terms.unassigned_end(at) is not None:
            return label.is_punctuated
        return is_printed_letter and (
            terms.is_a(at - 1, "system") or terms.says(at - 1) in _LEADS or terms.is_a(at - 1, "verb")
        )

    def is_of_another(self, label: _Label) -> bool:
        """Whether the letter is another drug's, another scale's, about milk, or only spoken about."""
        terms = self.terms
        if self.sentence.other is not None or terms.is_any(label.first - 1, frozenset({"foreign", "plural"})):
            return True
        if self.sentence.topic == "lactation" and "pregnancy" not in label.roles:
            return True
        if label.is_punctuated or not terms.is_a(label.next, "code"):
            return False
        if terms.is_a(label.next + 1, "modal"):
            self.refuse(label.first, label.next + 2, _SPOKEN_ABOUT)
        return terms.is_any(label.next + 1, frozenset({"plural", "modal", "foreign"}))

    def denial(self, at: int) -> int:
        """No category was assigned, or a letter is denied; the latter is left unread."""
        terms = self.terms
        end = terms.to_letter(at + 1, _RUN | {"adverb"}, _LONGEST_LABEL)
        label = _label_of(terms, at, end, is_punctuated=False)
        if label.roles.isdisjoint(_CATEGORY) or self.sentence.other is not None or self.is_anothers(label):
            return at
        if terms.is_letter(end, is_led=terms.is_any(end - 1, _CATEGORY)):
            return self.refuse(at, end + 1, "The text denies this category.")
        if "assign" not in label.roles and not ("absent" in label.roles and terms.is_any(end, _STOPS)):
            return at
        self.lists += 1
        after = 1 + max(i for i in range(at, end) if terms.is_any(i, _LABEL))
        statement, after = _with_tail(terms, self.draft(None, at, after, label), after, None)
        self.found.statements.append(statement)
        return after

    # --- values --------------------------------------------------------------------------------------------------

    def values(self, at: int, label: _Label) -> int:
        """The term after the list of values that begins here."""
        terms = self.terms
        self.lists += 1
        stated: list[_Statement] = []
        value, after = self.value(at, label, None)
        while value is not None:
            stated.append(value)
            last = value.condition
            separated = _separated(terms, after)
            follows = separated > after or terms.says(after - 1) in _BRACKETS.values()
            value, end = self.value(separated, label, last, is_first=False) if follows else (None, after)
            after = end if value is not None else after
        if not stated and label.is_punctuated and label.says_category and not label.is_heading:
            self.refuse(label.first, self.line_end(label.next), "No category of a known system follows.")
        self.keep(stated)
        return after

    def line_end(self, at: int) -> int:
        ahead = range(at, at + _LONGEST_CONDITION)
        return next((i for i in ahead if i >= len(self.terms) or self.terms.is_any(i, _STOPS)), at)

    def value(
        self, at: int, label: _Label, last: _Condition | None, *, is_first: bool = True
    ) -> tuple[_Statement | None, int]:
        """One value and the term after it; None and `at` if none stands here."""
        terms = self.terms
        condition, letter = _condition_before(terms, at)
        letter = terms.to_letter(letter, _BEFORE_LETTER | {"assign", "adverb"}, _LONGEST_NAME)
        if terms.says(letter) in _QUOTES and terms.is_a(letter + 1, "code"):
            letter += 1
        is_led = terms.is_any(letter - 1, _CATEGORY) and letter > 0
        if not terms.is_value(letter, is_led=is_led and not label.is_punctuated):
            return None, at
        first = label.first if is_first and not label.is_heading else at
        code = terms.terms[letter].value if terms.is_letter(letter, is_led=is_led) else None
        after = letter + 1 if code is not None else self.after_unassigned(letter)
        statement, after = _with_tail(terms, self.draft(code, first, after, label), after, last)
        if is_first and not label.is_heading:
            condition = condition or _condition_leading(terms, self.sentence.first, first)
        if statement.condition is None and condition is not None:
            statement = replace(statement, first=min(statement.first, condition.first), condition=condition)
        explained = terms.explains(letter) and statement.condition is None
        return replace(statement, is_definition=explained and (label.is_heading or not label.is_punctuated)), after

    def after_unassigned(self, at: int) -> int:
        """Past `not assigned`, and past `to a pregnancy category` if that follows."""
        terms = self.terms
        begin = terms.unassigned_end(at) or at + 1
        end = terms.skip(begin, _RUN | {"adverb"}, _LONGEST_LABEL)
        categories = [i for i in range(begin, end) if terms.is_any(i, _CATEGORY)]
        return categories[-1] + 1 if categories else begin

    def draft(self, code: str | None, first: int, after: int, label: _Label) -> _Statement:
        terms = self.terms
        named = [i for i in range(first, after) if terms.is_any(i, _NAMES | {"code", "unassigned", "negation"})]
        opened = [i for i in range(first, after) if terms.says(i) in _BRACKETS]
        closed = any(terms.says(i) in _BRACKETS.values() for i in range(first, after))
        begin = next((i for i in named if closed or not opened or i > opened[-1]), first)
        return _Statement(
            begin,
            after,
            code,
            label.systems or self.sentence.systems,
            self.lists,
            says_category=label.says_category,
            is_english="category abroad" not in label.roles,
            is_bare=label.roles.isdisjoint(("pregnancy", "system")),
        )

    def keep(self, stated: list[_Statement]) -> None:
        """Takes in a list; one that names three letters or more without a condition states none of them."""
        listed = len({s.code for s in stated if s.condition is None})
        if listed == _LEGEND:
            self.refuse(stated[0].first, stated[-1].after, "Several letters are listed; none is stated.")
        if listed >= _LEGEND:
            return
        shared = next((s.condition for s in stated if s.condition is not None and s.condition.is_shared), None)
        if shared is not None:
            first, after = stated[0].first, stated[-1].after
            stated = [replace(s, first=first, after=after, condition=s.condition or shared) for s in stated]
        self.found.statements += stated

    # --- owners --------------------------------------------------------------------------------------------------

    def is_anothers(self, label: _Label) -> bool:
        """Whether the words before the label, or inside it, give the letter to another drug."""
        terms = self.terms
        before = self.before_label(label.first)
        has_verb = any(terms.is_a(i, "verb") for i in range(before + 1, label.first))
        is_any_drugs = terms.is_a(label.first - 1, "article") or terms.is_any(before, frozenset({"plural"}))
        if is_any_drugs and not has_verb:
            return True
        if any(terms.is_a(i, "own") for i in range(label.first, label.next)):
            return False  # `the agency has placed it in category C`
        inside = [i for i in range(label.first, label.next) if terms.terms[i].roles == _NAMELESS]
        return bool(self.names) and (
            self.is_other_subject(inside)  # `the category for tobramycin is D`
            or (has_verb and self.is_other_subject(self.subject(before)))
            or (terms.says(before) == ":" and any(map(self.is_other_name, self.clause(before - 1))))
        )

    def subject(self, last: int) -> list[int]:
        """The clause before a verb; with a comma before the verb, the sentence: `Enalapril, by contrast, is …`."""
        return list(range(self.sentence.first, last)) if self.terms.says(last) == "," else self.clause(last)

    def is_spoken_about(self, letter: int) -> bool:
        """Whether the words after a letter speak of the letter and not of the drug."""
        terms = self.terms
        at = letter + 1
        if terms.says(at) in _QUOTES:
            at = terms.skip(at, frozenset({"mark", "join"}), 1)
        return terms.is_a(terms.skip(at, _ABOUT, _MOST_BETWEEN), "general")

    def before_label(self, first: int) -> int:
        """The last term before a label that is not a verb or one of the small words between."""
        at = first - 1
        while at >= max(0, first - _MOST_BETWEEN) and self.terms.is_any(at, _BETWEEN) and not self.ends_clause(at):
            if self.terms.is_a(at, "own"):
                break
            at -= 1
        return at

    def ends_clause(self, at: int) -> bool:
        """Whether the term stands between two clauses."""
        return self.terms.is_any(at, _STOPS) or self.terms.says(at) in _ENDS_CLAUSE

    def clause(self, last: int) -> list[int]:
        """The terms of a clause up to its term `last`."""
        at = last
        while at >= max(self.sentence.first, last - _LONGEST_SUBJECT) and not self.ends_clause(at):
            at -= 1
        return list(range(at + 1, last + 1))

    def is_other_subject(self, subject: list[int]) -> bool:
        """Whether a subject names something, and nothing that this drug is called."""
        terms = self.terms
        if any(map(self.is_other_name, subject)):
            return True
        nameless = [i for i in subject if terms.terms[i].roles == _NAMELESS and terms.says(i)[0].isalpha()]
        is_own = any(terms.is_a(i, "own") or codes.fold(terms.says(i)) in self.names for i in subject)
        if not nameless or is_own:
            return False
        first, after = terms.terms[subject[0]].first, terms.terms[subject[-1]].after
        return _condition_kind(terms.tokens, first, after, is_bracketed=False) in (None, "ingredient")

    def is_other_name(self, at: int) -> bool:
        """Whether the word is a substance's name by its stem, and not this drug's."""
        word = codes.fold(self.terms.says(at))
        return self.terms.terms[at].roles == _NAMELESS and word not in self.names and word.endswith(_stems())


# --- categories of a system ----------------------------------------------------------------------------------------


def _resolved(
    terms: _Terms, found: _Found, around: tuple[str, ...], narrative: int
) -> tuple[list[PregnancyCategory], list[Finding]]:
    """Statements as categories of a system; the same category is taken once. `narrative` holds no letter of FDA."""
    findings = [_finding(_UNREAD_CODE, u.message, terms.passage(u.first, u.after)) for u in found.unread]
    categories: dict[tuple[str, str | None, str | None], PregnancyCategory] = {}
    first: dict[str, _Statement] = {}
    stated = ((s, system) for s, systems in _with_systems(found, around) for system in systems)
    for statement, system in stated:
        if system == _US_FDA and statement.first >= narrative:
            message = "FDA's letter has no place in a risk summary of the 2015 rule; this one may be another drug's."
            findings.append(_finding(_UNREAD_CODE, message, terms.passage(statement.first, statement.after)))
            continue
        category = _category(terms, statement, system, first.get(system))
        if isinstance(category, Finding):
            findings.append(category)
            continue
        first.setdefault(system, statement)
        categories.setdefault(_what_it_says(category), category)
    return list(categories.values()), [*findings, *_unstated(terms, found, around)]


def _with_systems(found: _Found, around: tuple[str, ...]) -> Iterator[tuple[_Statement, tuple[str, ...]]]:
    """Each statement with the systems it belongs to: none if that is not certain."""
    is_us = _us_lists(found)
    for statement in _stated(found):
        default = (_US_FDA,) if statement.list_no in is_us else ()
        yield statement, statement.systems or around or default


def _unstated(terms: _Terms, found: _Found, around: tuple[str, ...]) -> Iterator[Finding]:
    """One finding for each list of letters without a system."""
    lists: dict[int, list[_Statement]] = {}
    for statement, systems in _with_systems(found, around):
        if not systems:
            lists.setdefault(statement.list_no, []).append(statement)
    for letters in lists.values():
        place = terms.passage(letters[0].first, max(letter.after for letter in letters))
        yield _finding(_UNSTATED, "A letter stands without its system.", place)


@cache
def _letters(system: str) -> dict[str, codes.Row]:
    return {row["code"]: row for row in codes.rows("pregnancy_categories") if row["system_code"] == system}


def _us_lists(found: _Found) -> set[int]:
    """The lists that may be read as US_FDA if no system is named: English, with the word, of FDA letters only."""
    foreign = {
        s.list_no
        for s in found.statements
        if not (s.says_category and s.is_english and (s.code is None or s.code in _letters(_US_FDA)))
    }
    return {s.list_no for s in found.statements} - foreign


def _stated(found: _Found) -> Iterator[_Statement]:
    """Statements, and of explained letters the one that stands for a statement: the only letter its system has."""
    stated = {s.systems for s in found.statements if not s.is_definition}
    explained = {(s.systems, s.code) for s in found.statements if s.is_definition}
    for statement in found.statements:
        letters = [code for systems, code in explained if systems == statement.systems]
        if not statement.is_definition or (statement.systems not in stated and len(letters) == 1):
            yield statement


def _category(
    terms: _Terms, statement: _Statement, system: str, first: _Statement | None
) -> PregnancyCategory | Finding:
    """A statement as a category of its system; `first` is what the text stated first of that system."""
    place = terms.passage(statement.first, statement.after)
    if not _letters(system):
        return _finding(_UNREAD_CODE, "The letters of this system are in no code table.", place)
    if statement.code is not None and statement.code not in _letters(system):
        return _finding(_UNREAD_CODE, f"{system} has no such category.", place)
    if first is not None and _may_be_another_drugs(statement, first):
        return _finding(_UNREAD_CODE, "Another letter was stated before; this one may be another drug's.", place)
    condition = statement.condition
    if condition is None:
        return PregnancyCategory(place, system, statement.code)
    words = terms.passage(condition.first, condition.after)
    return PregnancyCategory(place, system, statement.code, condition.kind, words)


def _may_be_another_drugs(statement: _Statement, first: _Statement) -> bool:
    """`Pregnancy category B. … Ribavirin is category X.`: a bare letter that differs without a reason."""
    has_reason = statement.condition is not None or first.condition is not None
    return statement.is_bare and not has_reason and statement.list_no != first.list_no and statement.code != first.code


def _finding(code: FindingCode, message: str, place: Passage) -> Finding:
    return Finding(code, message, place, _TABLE)


def most_restrictive(categories: Iterable[PregnancyCategory]) -> str | None:
    """The highest US FDA letter; `N` if FDA assigned none, and None if the text states nothing of FDA.

    Ranks are FDA's own; letters of other systems are never compared with them.
    """
    stated = [category.code for category in categories if category.system == _US_FDA]
    letters = [code for code in stated if code is not None]
    if not letters:
        return _NOT_ASSIGNED if stated else None
    return max(letters, key=lambda code: int(_letters(_US_FDA)[code]["restrictiveness"]))


# --- lactation -----------------------------------------------------------------------------------------------------


def has_lactation_statement(monograph: Monograph, tokens: Tokens) -> bool:
    """Whether a section is headed so, or the words speak of breast milk or breastfeeding; a nursing home does not."""
    known = vocabulary("lactation_words")
    return any(
        (section.code in _LACTATION_SECTIONS and bool(section.body))
        or any(row["is_lactation"] == "true" for _, _, row in known.find(tokens, *tokens.span(section.body)))
        for section in monograph.sections
    )
