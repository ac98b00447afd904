"""The generic name alone, and the brand names, as a monograph's name fields print them.

    generic name = name { bracket }
    bracket      = "[" pronunciation "]" | "(" pronunciation ")"       [ BAK-loe-fen ]   (am OX i SIL in)
                 | "(" route, form or status ")"                       (intrathecal)   (oral/injection)   (Rx)
                 | "(" anything else ")"                               (adrenaline): part of the name

A pronunciation has three syllables or more, or two with a hyphen, of which one is in capitals and one is not; or three
in lower case with hyphens; or it is called one. The name is given as printed, so that `Baclofen` keeps its capital.

    brand names  = [ lead ] brand { separator brand }                  "," ";" "|" bullet, new line, `and`
    brand        = [ label ":" ] name { bracket | trademark sign }     Lioresal® (discontinued)

The span of a brand ends before the brackets and signs at its end: they speak of the brand. `and` inside a name
(`Tylenol Cold and Flu`) and words that are no brand (`others`) are rows of `brand_words.csv`; those of brackets stand
in `name_words.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.normalize.wording import phrases, tidy, top_level, without_entities, words_of
from pipelines.records import Finding, FindingCode, Name, Passage
from schemas.codes import fold

_NAME_MISSING = FindingCode("NAME_MISSING")
_LONGEST_NAME = 30  # words: combinations of vaccines are long
_FEWEST_SYLLABLES = 3
_FEWEST_HYPHENATED = 2
_LONGEST_SYLLABLE = 6

_FLAGS = re.VERBOSE | re.IGNORECASE
_BRACKET = re.compile(r"\s{0,9} [(\[] (?P<words>[^()\[\]]{1,200}) [)\]]", re.VERBOSE)
_SAID = re.compile(rf"\s* {phrases('name_words', 'said')} [:\s]{{0,9}}", _FLAGS)
_SYLLABLES = re.compile(r"[^\W\d_]+(?:['’ˈ][^\W\d_]*)?")
_SAID_SIGNS = re.compile(r"[^\W\d_]|[-‐‑–\s'’ˈˌ·.,;/]")
_WORD = re.compile(r"[^\s,;/]+")
_SENTENCE = re.compile(phrases("name_words", "sentence"), _FLAGS)

TRADEMARK = r"(?: ™ | ® | © | ℠ | &(?:reg|trade|copy|\#174|\#8482|\#169); | \( (?:r|tm|c|sm) \) )"
_ASIDE = r"\( [^()]{0,200} \) | \[ [^\[\]]{0,200} \]"
_BRAND_END = re.compile(rf"(?: \s | [.,;:*†‡] | {TRADEMARK} | {_ASIDE} ){{1,40}} \Z", _FLAGS)
_BRAND_LEAD = re.compile(rf"\A .{{0,200}} (?: : | {phrases('brand_words', 'lead')} ) \s*", _FLAGS | re.DOTALL)
_AND_BRAND = phrases("brand_words", "separator")
_BETWEEN_BRANDS = re.compile(rf"[,;|\r\n•‣◦▪●○] (?: \s{{0,9}} {_AND_BRAND} )? | \s (?P<word>{_AND_BRAND}) \s", _FLAGS)
_BULLET = " \t\r\n-*+•·‣◦▪●○–"


def read_name(text: Passage) -> Name | Finding:
    """The name in the first line of a generic-name field; several pronunciations are joined with `; `."""
    line = next(iter(text.strip().text.splitlines()), "")
    pieces, said, at = [], [], 0
    for bracket in _BRACKET.finditer(line):
        words = bracket["words"]
        pronunciation = _pronunciation(words)
        if pronunciation or _is_about_the_product(words):
            pieces.append(line[at : bracket.start()])
            at = bracket.end()
            said += [pronunciation] if pronunciation else []
    name = tidy("".join([*pieces, line[at:]])).strip(" .,;:")
    if not any(map(str.isalpha, name)) or _is_prose(name):
        return Finding(_NAME_MISSING, "The generic-name field holds no name that could be told from its words.", text)
    return Name(name, "; ".join(said) or None)


def _is_prose(name: str) -> bool:
    return len(name.split()) > _LONGEST_NAME or _SENTENCE.search(top_level(name)) is not None


def _pronunciation(words: str) -> str | None:
    """The words of a bracket where they tell how a name is said."""
    called = _SAID.match(words)
    said = tidy(words[called.end() if called else 0 :])
    syllables = _SYLLABLES.findall(said)
    if called:
        return said if syllables else None
    if not all(_SAID_SIGNS.match(character) for character in said) or _is_about_the_product(words):
        return None
    if not syllables or max(map(len, syllables)) > _LONGEST_SYLLABLE:
        return None
    capitals = [syllable.isupper() and len(syllable) > 1 for syllable in syllables]
    fewest = _FEWEST_HYPHENATED if "-" in said else _FEWEST_SYLLABLES
    if len(syllables) >= fewest and any(capitals) and not all(capitals):
        return said
    return said if len(syllables) >= _FEWEST_SYLLABLES and said.islower() and " " not in said else None


def _is_about_the_product(words: str) -> bool:
    known = words_of("name_words", "bracket", "joins")
    return fold(words) in known or all(fold(word[0]) in known for word in _WORD.finditer(words))


def read_brands(text: Passage) -> tuple[Passage, ...]:
    """The brand names of a field, in order, each spelling once."""
    found: dict[str, Passage] = {}
    for start, end in _brand_places(text.text):
        brand = _brand(text.part(start, end))
        if _is_brand(brand.text):
            found.setdefault(fold(brand.text), brand)
    return tuple(found.values())


def _is_brand(text: str) -> bool:
    """Whether an item is a name: not empty, not `others`, and not prose, which has verbs in small letters."""
    if not any(map(str.isalnum, text)) or fold(text) in words_of("brand_words", "nothing"):
        return False
    return words_of("brand_words", "sentence").isdisjoint(text.split())


def _brand_places(text: str) -> Iterator[tuple[int, int]]:
    outside = top_level(without_entities(text))
    at = 0
    for separator in _BETWEEN_BRANDS.finditer(outside):
        if separator["word"] and _is_inside_name(outside, separator.start(), separator.end()):
            continue
        yield at, separator.start()
        at = separator.end()
    yield at, len(text)


def _is_inside_name(text: str, start: int, end: int) -> bool:
    """Whether the word on either side of an `and` is one that brand names have there."""
    sides = (fold(text[max(0, start - 40) : start]).split()[-1:], fold(text[end : end + 40]).split()[:1])
    return any(word.strip(",;.\0") in words_of("brand_words", "part") for side in sides for word in side)


def _brand(item: Passage) -> Passage:
    """An item without its label, bullet, and the brackets and trademark signs at its end."""
    lead = _BRAND_LEAD.match(top_level(item.text))
    bare = item.part(lead.end() if lead else 0, len(item.text)).strip(_BULLET)
    end = _BRAND_END.search(bare.text)
    return bare.part(0, end.start()) if end else bare
