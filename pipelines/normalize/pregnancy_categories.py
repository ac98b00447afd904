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

The words of the text come from `pregnancy_terms`, what a letter depends on from `pregnancy_conditions`. The terms of a
text are walked once, and every look ahead is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from pipelines.lexer import Tokens, cut_words, lines
from pipelines.lexicon import vocabulary
from pipelines.normalize.pregnancy_conditions import (
    LONGEST_CONDITION,
    LONGEST_LABEL,
    Condition,
    StatedLetter,
    condition_before,
    condition_kind,
    condition_leading,
    past_separator,
    stems_of_names,
    system_after,
    with_tail,
)
from pipelines.normalize.pregnancy_terms import (
    BEFORE_LETTER,
    CLOSING_BRACKETS,
    FEWEST_OF_LEGEND,
    LEADS_OR_JOINS,
    LEADS_TO_LETTER,
    LONGEST_NAME_OF_SYSTEM,
    NAMES_SYSTEM,
    SAYS_CATEGORY,
    STOPS,
    Terms,
)
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

_LONGEST_SUBJECT = 12
_MOST_BETWEEN = 8

_BETWEEN = frozenset({"join", "adverb", "verb", "opener"})
_ABOUT = frozenset({"verb", "adverb", "modal"})
_NAMELESS = frozenset({"word"})  # a word of no table
_LEADS = frozenset({":", "-", "=", "("})
_QUOTES = frozenset({'"', "'"})
_ENDS_CLAUSE = frozenset({",", ";", ":", "(", ")", "[", "]"})
_LONGEST_HEAD = 40  # tokens of the first page above the title


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
    heading = Terms(tokens, *tokens.span(section.heading)) if section.heading else None
    label = _heading_label(heading) if heading else None
    terms = Terms(tokens, *tokens.span(section.body))
    is_label = label is not None and label.says_category
    if not (is_label or _may_state(terms, label)):
        return [], []
    reader = _Reader(terms, names)
    reader.read(label)
    named = {term.value for term in terms.terms if term.value and "names alone" in term.roles}
    begin, end = tokens.span(title)
    begin = 0 if begin <= _LONGEST_HEAD else begin  # what stands above the title names the document, too
    around = _around(label, named) or _systems_in(Terms(tokens, begin, end))
    is_narrative = heading is not None and _narrative_start(heading) < len(heading)
    narrative = 0 if is_narrative else _narrative_start(terms)
    categories, findings = _resolved(terms, reader.found, around, narrative)
    if is_label and not categories and not findings:
        first_line = section.body.part(0, len(section.body.text.split("\n", 1)[0]))
        findings = [_finding(_UNREAD_CODE, "The heading announces a category, and the text states none.", first_line)]
    return categories, findings


def _may_state(terms: Terms, heading: _Label | None) -> bool:
    """A cheap first test: most sections name no category and no system."""
    under_name = heading is not None and not heading.roles.isdisjoint(("pregnancy", "system"))
    first = next((at for at in range(len(terms)) if not terms.is_any(at, frozenset({"mark", "break"}))), 0)
    if under_name and terms.is_a(first, "code") and terms.says(first)[0].isupper():
        return True
    return any(
        terms.is_any(at, SAYS_CATEGORY | {"system"}) or (terms.is_a(at, "pregnancy") and terms.says(at + 1) in _LEADS)
        for at in range(len(terms))
    )


def _narrative_start(terms: Terms) -> int:
    """Where the narrative begins that took the place of FDA's letters in 2015; the end of a text that has none."""
    return next((at for at in range(len(terms)) if terms.is_a(at, "narrative")), len(terms))


def _around(heading: _Label | None, named: set[str]) -> tuple[str, ...]:
    """The system that a letter belongs to if its own sentence names none: the heading's, or the text's only one."""
    if heading is not None and heading.systems:
        return heading.systems
    return tuple(named) if len(named) == 1 else ()


def _systems_in(title: Terms) -> tuple[str, ...]:
    """The one system that a title names."""
    named = {term.value for term in title.terms if "system" in term.roles}
    return tuple(named) if len(named) == 1 else ()


# --- what is found -------------------------------------------------------------------------------------------------


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
        return not self.roles.isdisjoint(SAYS_CATEGORY | {"assign"})


@dataclass(slots=True)
class _Found:
    """All statements in order, and the words that state nothing for certain."""

    statements: list[StatedLetter] = field(default_factory=list)
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

    def note(self, terms: Terms, at: int) -> None:
        """Takes in one term: systems, whether milk is spoken of, another drug, or categories in general."""
        term, text = terms.terms[at], terms.says(at)
        if "system" in term.roles:
            self.systems = (term.value,)
        for topic in term.roles & {"pregnancy", "lactation"}:
            self.topic = topic
        if "other" in term.roles:
            self.other = self.depth
        self.is_general = self.is_general or "general" in term.roles
        self.depth += (text in CLOSING_BRACKETS) - (text in CLOSING_BRACKETS.values())
        if self.other is not None and self._ends_aside(terms, at):
            self.other = None

    def _ends_aside(self, terms: Terms, at: int) -> bool:
        """`unlike isotretinoin, which is X,`: the comma before `which` does not end what is said of the other drug."""
        if self.depth < (self.other or 0):
            return True
        goes_on = terms.is_a(at + 1, "stop") or terms.is_a(at - 1, "other")
        return terms.says(at) in (",", ";") and self.depth == self.other and not goes_on


def _heading_label(terms: Terms) -> _Label:
    """A heading as the label of what stands under it."""
    return replace(_label_of(terms, 0, len(terms), is_punctuated=True), next=0, is_heading=True)


def _label_of(terms: Terms, first: int, after: int, *, is_punctuated: bool) -> _Label:
    run = terms.terms[first:after]
    systems = tuple(term.value for term in run if "system" in term.roles)
    roles: frozenset[str] = frozenset().union(*(term.roles for term in run))
    return _Label(first, after, systems, roles, is_punctuated=is_punctuated)


# --- statements ----------------------------------------------------------------------------------------------------


class _Reader:
    """The walk over the terms of a section. Methods that read a rule give the term after it."""

    def __init__(self, terms: Terms, names: frozenset[str]) -> None:
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
        self.is_about_pregnancy |= not heading.roles.isdisjoint(NAMES_SYSTEM)
        at = self.terms.skip(0, STOPS, len(self.terms))
        is_name = not heading.roles.isdisjoint(NAMES_SYSTEM)
        leads = heading.says_category or (is_name and self.terms.is_a(at, "code"))
        return self.values(at, heading) if leads else 0

    def pass_by(self, at: int) -> None:
        if self.terms.is_any(at, STOPS):
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
        label = self.label(at) if terms.is_any(at, LEADS_TO_LETTER) else None
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
        while end < at + LONGEST_LABEL and not terms.is_value(
            end, is_led=end > at and terms.is_any(end - 1, SAYS_CATEGORY)
        ):
            if terms.is_any(end, LEADS_TO_LETTER):
                last = end
            after = end + 1 if self.is_in_label(end) else self.after_name(end)
            if after == end:
                break
            end = after
        is_punctuated = any(terms.says(i) in (":", "=") for i in range(last + 1, end))
        return _label_of(terms, at, end, is_punctuated=is_punctuated)

    def is_in_label(self, at: int) -> bool:
        terms = self.terms
        if terms.is_any(at, LEADS_OR_JOINS | {"adverb"}) and at not in terms.legend:
            return True
        letter = terms.skip(at, frozenset({"break"}), 2)
        begin = at - 1 if terms.is_a(at - 1, "break") else at
        return letter > at and terms.is_any(begin - 1, SAYS_CATEGORY) and terms.is_a(letter, "code")

    def after_name(self, at: int) -> int:
        """Past a drug's name: `category for baclofen is`. `at` if there is none."""
        terms = self.terms
        if not terms.is_a(at - 1, "opener") or not terms.is_any(at - 2, SAYS_CATEGORY):
            return at
        ahead = range(at + 1, at + 1 + LONGEST_NAME_OF_SYSTEM)
        return next((i for i in ahead if terms.says(i) == ":" or terms.is_a(i, "verb")), at)

    def leads_to_value(self, label: _Label) -> bool:
        """Whether the label is complete, speaks of pregnancy, and a value follows or was to be expected."""
        terms, at = self.terms, label.next
        systems = label.systems or self.sentence.systems
        is_named = bool(systems) or system_after(terms, at + 1) is not None
        if not (self.is_about_pregnancy or is_named):
            return False
        if not label.roles.isdisjoint(SAYS_CATEGORY):
            return label.is_punctuated or terms.is_value(at, is_led=terms.is_any(at - 1, SAYS_CATEGORY))
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
        end = terms.to_letter(at + 1, LEADS_OR_JOINS | {"adverb"}, LONGEST_LABEL)
        label = _label_of(terms, at, end, is_punctuated=False)
        if label.roles.isdisjoint(SAYS_CATEGORY) or self.sentence.other is not None or self.is_anothers(label):
            return at
        if terms.is_letter(end, is_led=terms.is_any(end - 1, SAYS_CATEGORY)):
            return self.refuse(at, end + 1, "The text denies this category.")
        if "assign" not in label.roles and not ("absent" in label.roles and terms.is_any(end, STOPS)):
            return at
        self.lists += 1
        after = 1 + max(i for i in range(at, end) if terms.is_any(i, LEADS_TO_LETTER))
        statement, after = with_tail(terms, self.draft(None, at, after, label), after, None)
        self.found.statements.append(statement)
        return after

    # --- values --------------------------------------------------------------------------------------------------

    def values(self, at: int, label: _Label) -> int:
        """The term after the list of values that begins here."""
        terms = self.terms
        self.lists += 1
        stated: list[StatedLetter] = []
        value, after = self.value(at, label, None)
        while value is not None:
            stated.append(value)
            last = value.condition
            separated = past_separator(terms, after)
            follows = separated > after or terms.says(after - 1) in CLOSING_BRACKETS.values()
            value, end = self.value(separated, label, last, is_first=False) if follows else (None, after)
            after = end if value is not None else after
        if not stated and label.is_punctuated and label.says_category and not label.is_heading:
            self.refuse(label.first, self.line_end(label.next), "No category of a known system follows.")
        self.keep(stated)
        return after

    def line_end(self, at: int) -> int:
        ahead = range(at, at + LONGEST_CONDITION)
        return next((i for i in ahead if i >= len(self.terms) or self.terms.is_any(i, STOPS)), at)

    def value(
        self, at: int, label: _Label, last: Condition | None, *, is_first: bool = True
    ) -> tuple[StatedLetter | None, int]:
        """One value and the term after it; None and `at` if none stands here."""
        terms = self.terms
        condition, letter = condition_before(terms, at)
        letter = terms.to_letter(letter, BEFORE_LETTER | {"assign", "adverb"}, LONGEST_NAME_OF_SYSTEM)
        if terms.says(letter) in _QUOTES and terms.is_a(letter + 1, "code"):
            letter += 1
        is_led = terms.is_any(letter - 1, SAYS_CATEGORY) and letter > 0
        if not terms.is_value(letter, is_led=is_led and not label.is_punctuated):
            return None, at
        first = label.first if is_first and not label.is_heading else at
        code = terms.terms[letter].value if terms.is_letter(letter, is_led=is_led) else None
        after = letter + 1 if code is not None else self.after_unassigned(letter)
        statement, after = with_tail(terms, self.draft(code, first, after, label), after, last)
        if is_first and not label.is_heading:
            condition = condition or condition_leading(terms, self.sentence.first, first)
        if statement.condition is None and condition is not None:
            statement = replace(statement, first=min(statement.first, condition.first), condition=condition)
        explained = terms.explains(letter) and statement.condition is None
        return replace(statement, is_definition=explained and (label.is_heading or not label.is_punctuated)), after

    def after_unassigned(self, at: int) -> int:
        """Past `not assigned`, and past `to a pregnancy category` if that follows."""
        terms = self.terms
        begin = terms.unassigned_end(at) or at + 1
        end = terms.skip(begin, LEADS_OR_JOINS | {"adverb"}, LONGEST_LABEL)
        categories = [i for i in range(begin, end) if terms.is_any(i, SAYS_CATEGORY)]
        return categories[-1] + 1 if categories else begin

    def draft(self, code: str | None, first: int, after: int, label: _Label) -> StatedLetter:
        terms = self.terms
        named = [i for i in range(first, after) if terms.is_any(i, NAMES_SYSTEM | {"code", "unassigned", "negation"})]
        opened = [i for i in range(first, after) if terms.says(i) in CLOSING_BRACKETS]
        closed = any(terms.says(i) in CLOSING_BRACKETS.values() for i in range(first, after))
        begin = next((i for i in named if closed or not opened or i > opened[-1]), first)
        return StatedLetter(
            begin,
            after,
            code,
            label.systems or self.sentence.systems,
            self.lists,
            says_category=label.says_category,
            is_english="category abroad" not in label.roles,
            is_bare=label.roles.isdisjoint(("pregnancy", "system")),
        )

    def keep(self, stated: list[StatedLetter]) -> None:
        """Takes in a list; one that names three letters or more without a condition states none of them."""
        listed = len({s.code for s in stated if s.condition is None})
        if listed == FEWEST_OF_LEGEND:
            self.refuse(stated[0].first, stated[-1].after, "Several letters are listed; none is stated.")
        if listed >= FEWEST_OF_LEGEND:
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
        return self.terms.is_any(at, STOPS) or self.terms.says(at) in _ENDS_CLAUSE

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
        return condition_kind(terms.tokens, first, after, is_bracketed=False) in (None, "ingredient")

    def is_other_name(self, at: int) -> bool:
        """Whether the word is a substance's name by its stem, and not this drug's."""
        word = codes.fold(self.terms.says(at))
        return self.terms.terms[at].roles == _NAMELESS and word not in self.names and word.endswith(stems_of_names())


# --- categories of a system ----------------------------------------------------------------------------------------


def _resolved(
    terms: Terms, found: _Found, around: tuple[str, ...], narrative: int
) -> tuple[list[PregnancyCategory], list[Finding]]:
    """Statements as categories of a system; the same category is taken once. `narrative` holds no letter of FDA."""
    findings = [_finding(_UNREAD_CODE, u.message, terms.passage(u.first, u.after)) for u in found.unread]
    categories: dict[tuple[str, str | None, str | None], PregnancyCategory] = {}
    first: dict[str, StatedLetter] = {}
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


def _with_systems(found: _Found, around: tuple[str, ...]) -> Iterator[tuple[StatedLetter, tuple[str, ...]]]:
    """Each statement with the systems it belongs to: none if that is not certain."""
    is_us = _us_lists(found)
    for statement in _stated(found):
        default = (_US_FDA,) if statement.list_no in is_us else ()
        yield statement, statement.systems or around or default


def _unstated(terms: Terms, found: _Found, around: tuple[str, ...]) -> Iterator[Finding]:
    """One finding for each list of letters without a system."""
    lists: dict[int, list[StatedLetter]] = {}
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


def _stated(found: _Found) -> Iterator[StatedLetter]:
    """Statements, and of explained letters the one that stands for a statement: the only letter its system has."""
    stated = {s.systems for s in found.statements if not s.is_definition}
    explained = {(s.systems, s.code) for s in found.statements if s.is_definition}
    for statement in found.statements:
        letters = [code for systems, code in explained if systems == statement.systems]
        if not statement.is_definition or (statement.systems not in stated and len(letters) == 1):
            yield statement


def _category(
    terms: Terms, statement: StatedLetter, system: str, first: StatedLetter | None
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


def _may_be_another_drugs(statement: StatedLetter, first: StatedLetter) -> bool:
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
