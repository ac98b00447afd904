"""Made-up monographs with the variety of real ones, the same for the same seed of chance."""

from __future__ import annotations

import random
from collections.abc import Iterator

_STARTS = ["Ala", "Bro", "Cefi", "Dora", "Epi", "Fluo", "Gaba", "Halo", "Imi", "Keto", "Lora", "Meto", "Nor", "Oxa"]
_ENDS = ["pril", "sartan", "olol", "statin", "cillin", "mycin", "azole", "pam", "tidine", "caine", "dipine", "mab"]
_DOSES = [
    ("Tablet", "Tablets: {a} mg, {b} mg, {c} mg"),
    ("Tablet, film coated", "Film-coated tablets: {a}mg; {b}mg"),
    ("Capsule", "Capsules: {a} mg and {b} mg"),
    ("Oral solution", "Oral solution: {a} mg/5 mL"),
    ("Injectable solution (Intravenous)", "Injectable solution: {b} mg/mL in 2-mL vial"),
    ("Cream", "Cream: {d}%"),
    ("Patch", "Transdermal patch: {a} mcg/h"),
    ("Suspension", "Oral suspension: {a}/{b} mg per 5 mL"),
    ("Powder for injection", "Powder for injection: {c} mg/vial (as sodium)"),
    ("Injection", "Injection: 1:{c}000; various concentrations"),
]
_ROUTES = ["Oral", "Intravenous", "Intramuscular", "Topical", "Subcutaneous", "Transdermal"]
_REACTIONS = ["nausea", "headache", "dizziness", "rash", "fatigue", "constipation", "dry mouth", "insomnia", "cough"]
_USES = ["hypertension", "infection of the skin", "pain after surgery", "epilepsy in adults", "seasonal allergy"]


def monographs(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """`count` documents as (file name, text)."""
    chance = random.Random(seed)  # noqa: S311  (variety, not secrecy)
    for number in range(count):
        name = f"{chance.choice(_STARTS)}{chance.choice(_ENDS)} {number}"
        yield f"{number % 100:02d}/{number:07d}.txt", _monograph(name, chance)


def _monograph(name: str, chance: random.Random) -> str:
    brand = name.split(maxsplit=1)[0]
    doses = chance.sample(_DOSES, chance.randint(1, 4))
    numbers = {
        "a": chance.randint(1, 99),
        "b": chance.randint(100, 500),
        "c": chance.randint(1, 9),
        "d": chance.randint(1, 5),
    }
    reactions = chance.sample(_REACTIONS, 5)
    listed = "\n".join(f"- {dose.format(**numbers)}" for _, dose in doses)
    return (
        f"{name}\nGeneric name: {name.lower()} [ nay-m ]\nBrand names: {brand}ex, {brand}or\n"
        f"Drug class: {chance.choice(['Beta blocker', 'Antibiotic', 'Opioid agonist'])}\n"
        f"Dosage form: {', '.join(form for form, _ in doses)}\nRoute of administration: {chance.choice(_ROUTES)}\n"
        f"Available Dose:\n{listed}\n"
        f"Mechanism of action: {'It binds to a receptor and lowers its activity. ' * chance.randint(2, 8)}\n"
        f"Drug usage cases: {name} is used for {chance.choice(_USES)}. "
        f"It is also used off-label for {chance.choice(_USES)}.\n"
        f"Drug contra indications: Contraindicated in allergy to {name}. Use with caution in renal impairment.\n"
        f"Side effects: Common side effects include {', '.join(reactions[:3])}. More serious side effects include "
        f"{reactions[3]} and {reactions[4]}.\n"
        f"Use during pregnancy or breastfeeding: FDA pregnancy category {chance.choice('ABCDX')}. "
        "It passes into breast milk.\n"
    )
