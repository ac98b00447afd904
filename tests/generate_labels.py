"""Labels in SPL, made of a few real ones and packed as DailyMed packs them: zips in zips.

`python -m tests.generate_labels TEMPLATES COUNT FOLDER [PERCENT]` writes COUNT labels to FOLDER, made of the `*.xml` in
TEMPLATES: each with a set, names and strengths of its own. With PERCENT, that share of them is of a later version.
"""

from __future__ import annotations

import io
import random
import re
import sys
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

_IN_ONE_ZIP = 5_000
_STARTS = ["Ala", "Bro", "Cefi", "Dora", "Epi", "Fluo", "Gaba", "Halo", "Imi", "Keto", "Lora", "Meto", "Nor", "Oxa"]
_ENDS = ["pril", "sartan", "olol", "statin", "cillin", "mycin", "azole", "pam", "tidine", "caine", "dipine", "mab"]
_SET = re.compile(r'(<setId root=")[^"]*')
_VERSION = re.compile(r'(<versionNumber value=")(\d+)')
_NAME = re.compile(r"<name>([^<\d]{4,40})</name>")
_AMOUNT = re.compile(r'<numerator (?:unit="mg" value="([\d.]{1,6})"|value="([\d.]{1,6})" unit="mg")')


def labels(templates: Path, count: int, later: float = 0.0) -> Iterator[tuple[str, bytes]]:
    """`count` labels as (set, XML), the same each time; the share `later` of them has a greater version number."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(templates.glob("*.xml"))]
    chance = random.Random(1)  # noqa: S311  (variety, not secrecy)
    for number in range(count):
        name = f"{chance.choice(_STARTS)}{chance.choice(_ENDS)}"
        factor = chance.choice((1, 2, 3, 4))
        text = texts[number % len(texts)]
        set_id = f"{number:08x}-0000-4000-8000-000000000000"
        text = _SET.sub(rf"\g<1>{set_id}", text, count=1)
        text = _with_strengths(_with_name(text, name), factor)
        if number < count * later:
            text = _VERSION.sub(lambda found: f"{found[1]}{int(found[2]) + 1}", text, count=1)
            text = text.replace("patients", "persons", 1)
        yield set_id, text.encode()


def _with_name(text: str, name: str) -> str:
    """The label with another name for its first product, wherever the name is printed."""
    product = text.find("<manufacturedProduct>")
    found = _NAME.search(text, max(0, product))
    word = found[1].split()[0] if found else ""
    return re.sub(re.escape(word), name, text, flags=re.IGNORECASE) if len(word) > 3 and word.isalpha() else text


def _with_strengths(text: str, factor: int) -> str:
    """The label with strengths so many times as great, in its product data and in its words."""
    amounts = {first or second for first, second in _AMOUNT.findall(text)}
    for amount in sorted(amounts, key=lambda each: (-len(each), each)):
        times = f"{float(amount) * factor:g}"
        text = re.sub(rf"(?<![\d.]){re.escape(amount)}(?= ?mg\b|\" unit=\"mg\")", times, text)
    return text


def _parts(made: Iterator[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    while part := list(islice(made, _IN_ONE_ZIP)):
        yield part


def write(templates: Path, count: int, folder: Path, later: float = 0.0) -> None:
    """Writes the labels as zips of zips."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, part in enumerate(_parts(labels(templates, count, later)), start=1):
        with zipfile.ZipFile(folder / f"dm_spl_release_human_rx_part{number}.zip", "w") as outer:
            for set_id, data in part:
                inner = io.BytesIO()
                with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
                    made.writestr(f"{set_id}.xml", data)
                outer.writestr(zipfile.ZipInfo(f"prescription/20240101_{set_id}.zip"), inner.getvalue())


if __name__ == "__main__":
    _, source, how_many, into, *share = sys.argv
    write(Path(source), int(how_many), Path(into), float(share[0]) / 100 if share else 0.0)
