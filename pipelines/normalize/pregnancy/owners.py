"""Whose letter it is: this drug's, another drug's, or one that the text only speaks about.

    subject verb label letter          `Tobramycin is category D`: another drug's, where this drug is not so called
    name ":" label letter              `Tobramycin: category D`, where a stem of WHO's list shows that it is a name
    "a" label letter                   `a category C analogue`: this drug's only after `it is` or its own name
    label letter [verb] general        `"category B" no longer applies`: spoken about

The drug's own names come from its document; without them no subject is judged. Words that mean the drug itself (`it`,
`this`, `the drug`) have the role `own` in `pregnancy_words.csv`; a form or route (`the injection is`) is its own too.
"""

from __future__ import annotations

from pipelines.normalize.pregnancy.conditions import ConditionReader
from pipelines.normalize.pregnancy.found import STOPS, Label
from pipelines.normalize.pregnancy.words import Token, condition_kind, has_stem
from schemas.codes import fold

_BETWEEN = frozenset({"join", "adverb", "verb", "opener"})
_ENDS_CLAUSE = frozenset({",", ";", ":", "(", ")", "[", "]"})
_ABOUT = frozenset({"verb", "adverb", "modal"})
_NAMELESS = frozenset({"word"})  # a word of no table
_LONGEST_SUBJECT = 12
_MOST_BETWEEN = 8


class OwnerReader(ConditionReader):
    """Values and conditions, and whose they are."""

    def __init__(self, text: str, tokens: list[Token], names: frozenset[str]) -> None:
        """Begins at the first token; `names` are the folded words of the drug's own names."""
        super().__init__(text, tokens)
        self.names = names

    def is_anothers(self, label: Label) -> bool:
        """Whether the words before the label, or inside it, give the letter to another drug."""
        before = self.before_label(label.first)
        has_verb = any(self.is_a(i, "verb") for i in range(before + 1, label.first))
        is_any_drugs = self.is_a(label.first - 1, "article") or self.is_any(before, frozenset({"plural"}))
        if is_any_drugs and not has_verb:
            return True
        if any("own" in token.roles for token in self.tokens[label.first : label.next]):
            return False  # `the agency has placed it in category C`
        inside = [token for token in self.tokens[label.first : label.next] if token.roles == _NAMELESS]
        return bool(self.names) and (
            self.is_other_subject(inside)  # `the category for tobramycin is D`
            or (has_verb and self.is_other_subject(self.subject(before)))
            or (self.says(before) == ":" and any(map(self.is_other_name, self.clause(before - 1))))
        )

    def subject(self, last: int) -> list[Token]:
        """The clause before a verb; with a comma before the verb, the sentence: `Enalapril, by contrast, is …`."""
        return self.tokens[self.sentence.first : last] if self.says(last) == "," else self.clause(last)

    def is_spoken_about(self, letter: int) -> bool:
        """Whether the words after a letter speak of the letter and not of the drug."""
        at = (
            self.skip(letter + 1, frozenset({"mark", "join"}), 1) if self.says(letter + 1) in ('"', "'") else letter + 1
        )
        return self.is_a(self.skip(at, _ABOUT, _MOST_BETWEEN), "general")

    def before_label(self, first: int) -> int:
        """The last token before a label that is not a verb or one of the small words between."""
        at = first - 1
        while at >= max(0, first - _MOST_BETWEEN) and self.is_any(at, _BETWEEN) and not self.ends_clause(at):
            if self.is_a(at, "own"):
                break
            at -= 1
        return at

    def ends_clause(self, at: int) -> bool:
        """Whether the token stands between two clauses."""
        return self.is_any(at, STOPS) or self.says(at) in _ENDS_CLAUSE

    def clause(self, last: int) -> list[Token]:
        """The tokens of a clause up to its token `last`."""
        at = last
        while at >= max(self.sentence.first, last - _LONGEST_SUBJECT) and not self.ends_clause(at):
            at -= 1
        return self.tokens[at + 1 : last + 1]

    def is_other_subject(self, subject: list[Token]) -> bool:
        """Whether a subject names something, and nothing that this drug is called."""
        nameless = [token for token in subject if token.roles == _NAMELESS and token.text[0].isalpha()]
        if any(map(self.is_other_name, subject)):
            return True
        if not nameless or any("own" in token.roles or fold(token.text) in self.names for token in subject):
            return False
        kind = condition_kind(" ".join(token.text for token in subject), is_bracketed=False)
        return kind in (None, "ingredient")

    def is_other_name(self, token: Token) -> bool:
        """Whether the word is a substance's name by its stem, and not this drug's."""
        return token.roles == _NAMELESS and fold(token.text) not in self.names and has_stem(token.text)
