"""Verbs: where a clause states something, and where the same word is a noun and it only names something.

verb  = a row `verb` of grammar_words.csv
      | a row `verb or noun` that something follows: `use contraception`, but `concomitant use with pimozide`,
        `bleeding of unknown cause`

Neither is one after `to`: `unable to take tablets` states nothing.
"""

from __future__ import annotations

from pipelines.normalize.wording import phrases

VERB = (
    rf"(?<!\bto\s)(?<!\bhelp\s)(?:{phrases('grammar_words', 'verb')}|{phrases('grammar_words', 'verb or noun')}"
    rf"(?!\s{{1,9}}{phrases('grammar_words', 'after a noun')}|\s{{0,9}}(?:[),.;:]|\Z)))"
)
"""A regular expression for a verb; to be compiled with `re.VERBOSE | re.IGNORECASE`."""
