"""Made-up monographs with the variety of real ones, the same for the same seed of chance."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from textwrap import wrap

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


# --- documents in the styles of many sites ---------------------------------------------------------------------------

SHORT, LONG = 2_500, 60_000  # characters
_SYLLABLES = ["ba", "ce", "dri", "fo", "gly", "ker", "lo", "mi", "nar", "pe", "qui", "ral", "sa", "tor", "vex", "zo"]
_MANY_REACTIONS = (
    "abdominal pain,acne,alopecia,anaemia,anxiety,arthralgia,asthenia,back pain,blurred vision,bradycardia,chills,"
    "confusion,conjunctivitis,constipation,cough,depression,diarrhoea,dizziness,dry mouth,dry skin,dysgeusia,dyspepsia,"
    "dyspnoea,eczema,erythema,fatigue,fever,flatulence,flushing,gastritis,gout,hair loss,headache,hiccups,"
    "hot flushes,hyperglycaemia,hyperkalaemia,hypertension,hypoglycaemia,hyponatraemia,hypotension,injection site pain,"
    "insomnia,itching,jaundice,leg cramps,loss of appetite,muscle pain,nasal congestion,nausea,neutropenia,nightmares,"
    "nosebleeds,oedema,palpitations,paraesthesia,peripheral neuropathy,photosensitivity,pruritus,pyrexia,rash,rhinitis,"
    "sedation,seizures,sinusitis,somnolence,sore throat,stomatitis,sweating,swelling of the ankles,syncope,tachycardia,"
    "taste disturbance,thrombocytopenia,tinnitus,tremor,urinary "
    "retention,urticaria,vertigo,vomiting,weakness,weight gain"
).split(",")
_CONDITIONS = (
    "acute myocardial infarction,allergic rhinitis,angina pectoris,asthma,atrial fibrillation,bacterial infections,"
    "bipolar disorder,chronic heart failure,chronic kidney disease,community-acquired pneumonia,depression,"
    "diabetic neuropathy,duodenal ulcer,epilepsy,essential hypertension,gout,hypercholesterolaemia,hypothyroidism,"
    "migraine,multiple sclerosis,nausea and vomiting,osteoarthritis,osteoporosis,Parkinson's disease,partial seizures,"
    "peptic ulcer,plaque psoriasis,rheumatoid arthritis,schizophrenia,seasonal allergy,spasticity,type 2 diabetes,"
    "ulcerative colitis,urinary tract infection,venous thromboembolism"
).split(",")
_OTHERS = (
    "warfarin,digoxin,lithium,phenytoin,rifampicin,ketoconazole,erythromycin,cimetidine,ciclosporin,furosemide,"
    ""
    "methotrexate,ibuprofen,aspirin,insulin,metformin,simvastatin,diltiazem,verapamil,fluconazole,ritonavir,carbamazepine"
).split(",")
_GROUPS = ["adults", "children", "older patients", "women of childbearing age", "patients on dialysis", "adolescents"]
_ORGANS = ["liver", "kidney", "heart", "skin", "bone marrow", "central nervous system", "gastrointestinal tract", "eye"]
_CLASSES = [
    "ACE inhibitor",
    "Beta blocker",
    "Antibiotic, cephalosporin",
    "Selective serotonin reuptake inhibitor",
    "Antiemetic",
    "Skeletal muscle relaxant",
    "Calcium channel blocker",
    "H2 receptor antagonist",
    "Anticonvulsant",
    "Diuretic (loop)",
]
_PROSE = [
    "{Drug} is extensively metabolised in the {organ}, and about {n}% of a dose is found unchanged in the urine.",
    "After a single oral dose of {mg} mg the mean peak concentration was {n}.{d} ng/mL (range {d}–{n} "
    "ng/mL) at {d} hours.",
    "In a double-blind study of {k} patients with {condition}, {n}% of those on {drug} and {d}% on "
    "placebo had {reaction}.",
    "Patients with {condition} should be observed closely for signs of {reaction} and {reaction2}.",
    "The half-life is {d} to {n} hours in {group} and may be longer in patients with impairment of the {organ}.",
    "Concomitant use of {other} raised the AUC of {drug} by {n}%; the dose should be halved (see section 4.{d}).",
    "Avoid {drug} together with {other}, {other2} and other strong inhibitors of CYP3A4.",
    "In rats given {mg} mg/kg/day for {n} weeks, no effect on fertility was seen (about {d} times the human exposure).",
    "Rare cases of {reaction} with a fatal outcome have been reported after marketing; stop treatment if it occurs.",
    "The recommended starting dose in {group} is {mg} mg once daily, taken with or without food.",
    "If needed, the dose may be raised by {mg} mg each week up to {k} mg a day in divided doses.",
    "Blood counts should be checked before treatment, after {d} weeks and then every {n} weeks.",
    "{Drug} binds to plasma proteins ({n}%), mainly albumin; the volume of distribution is about {d}.{d} L/kg.",
    "It has not been studied in {group} with a creatinine clearance below {n} mL/min.",
    "Symptoms of overdose include {reaction}, {reaction2} and coma; treatment is symptomatic and supportive.",
    "Tell the doctor if you have ever had problems with your {organ}, {condition} or an allergy to {other}.",
    "Do not drive or use machines if {drug} makes you feel dizzy or if you have {reaction}.",
    "Hydrolysis of the ester gives the active form, which inhibits the enzyme with an IC50 of {d}.{d} nM.",
    "The efficacy in {condition} was shown in {d} randomised trials (N = {k}; p < 0.0{d}; 95% CI {d}.1 to {n}.4).",
    "Discontinue at once in case of angio-oedema, and do not give {drug} again.",
]  # fmt: skip
_PRINTED_DOSES = [
    ("Tablets", "Tablet", "{a} mg, {b} mg, {c} mg"),
    ("Film-coated tablets", "Film-coated tablet", "{a} mg and {b} mg"),
    ("Extended-release tablets", "Tablet, extended release", "{b}mg; {c}mg"),
    ("Capsules", "Capsule", "{a} mg, {c} mg"),
    ("Oral solution", "Oral solution", "{a} mg/5 mL"),
    ("Oral suspension", "Suspension", "{b} mg per 5 mL"),
    ("Injection", "Solution for injection", "{a} mg/mL (2 mL and 10 mL vials)"),
    ("Cream", "Cream", "0.{d}%"),
    ("Ointment", "Ointment", "{d}%"),
    ("Transdermal patch", "Patch", "{b} mcg/h"),
    ("Eye drops", "Eye drops", "0.{d}%"),
    ("Powder for injection", "Powder for injection", "{c} mg/vial"),
    ("Suppositories", "Suppository", "{b} mg"),
    ("Metered-dose inhaler", "Inhaler", "{b} mcg/actuation"),
    ("Chewable tablets", "Chewable tablet", "{a}, {b} and {c} mg"),
]


class _Writer:
    """Words for one drug."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self.chance = chance
        self.drug = "".join(chance.choices(_SYLLABLES, k=2)) + f"{chance.choice(_ENDS)}"
        self.title = f"{self.drug.capitalize()} {_letters(number)}"
        self.brands = ["".join(chance.choices(_SYLLABLES, k=2)).capitalize() + end for end in ("ex", "or", "ia")]
        self.doses = chance.sample(_PRINTED_DOSES, chance.randint(1, 4))

    def number(self, low: int, high: int) -> int:
        return self.chance.randint(low, high)

    def fill(self, text: str) -> str:
        """A template with words and numbers of chance."""
        reactions, others = self.chance.sample(_MANY_REACTIONS, 2), self.chance.sample(_OTHERS, 2)
        return text.format(
            Drug=self.drug.capitalize(),
            drug=self.drug,
            organ=self.chance.choice(_ORGANS),
            group=self.chance.choice(_GROUPS),
            condition=self.chance.choice(_CONDITIONS),
            reaction=reactions[0],
            reaction2=reactions[1],
            other=others[0],
            other2=others[1],
            n=self.number(10, 99),
            d=self.number(1, 9),
            k=self.number(100, 900),
            mg=self.chance.choice((2.5, 5, 10, 12.5, 25, 40, 50, 75, 100, 250, 500)),
        )

    def prose(self, sentences: int) -> str:
        """A paragraph."""
        return " ".join(map(self.fill, self.chance.choices(_PROSE, k=sentences)))

    def reactions(self, count: int) -> str:
        return ", ".join(self.chance.sample(_MANY_REACTIONS, count))

    def dose(self, printed: str) -> str:
        a = self.chance.choice((1, 2.5, 5, 10, 12.5, 20, 25))
        return printed.format(a=a, b=int(a * 10), c=int(a * 20), d=self.number(1, 9))

    def listed(self, item: str) -> str:
        """All forms and strengths, each as an item with two places."""
        return "\n".join(item.format(many, self.dose(printed)) for many, _, printed in self.doses)


def _letters(number: int) -> str:
    """A, B … Z, AA, AB …: a name of its own for each number."""
    name = ""
    while number >= 0:
        number, last = divmod(number, 26)
        name = chr(ord("A") + last) + name
        number -= 1
    return name


Style = Callable[[_Writer], list[str]]  # the parts of a document; what lengthens it is put before the last


def _site(w: _Writer) -> list[str]:
    """A monograph site: fields on one line each."""
    return [
        f"{w.title}\nGeneric name: {w.drug} [ {'-'.join(w.chance.choices(_SYLLABLES, k=3)).upper()} ]",
        f"Brand names: {', '.join(w.brands)}\nDrug class: {w.chance.choice(_CLASSES)}",
        f"Dosage form: {', '.join(one for _, one, _ in w.doses)}\nRoute of administration: {w.chance.choice(_ROUTES)}",
        f"Available Dose:\n{w.listed('- {}: {}')}",
        f"Drug usage cases: It is used for {w.chance.choice(_CONDITIONS)}. {w.prose(2)}",
        f"Drug contra indications: Contraindicated in allergy to {w.drug}. Use with caution in "
        f"{w.chance.choice(_CONDITIONS)}.",
        f"Side effects: Common side effects include {w.reactions(5)}. More serious side effects include "
        f"{w.reactions(3)}.",
        f"Mechanism of action: {w.prose(3)}",
        f"Use during pregnancy or breastfeeding: FDA pregnancy category {w.chance.choice('ABCDX')}. It "
        f"passes into breast milk.",
    ]


def _smpc(w: _Writer) -> list[str]:
    """A European summary of product characteristics."""
    one = w.doses[0][1].lower()
    strength = w.dose("{a} mg")
    groups = ("Very common", "Common", "Uncommon", "Rare", "Not known")
    table = "\n".join(f"{group}: {w.reactions(w.number(2, 5))}" for group in groups)
    return [
        f"SUMMARY OF PRODUCT CHARACTERISTICS\n\n1. NAME OF THE MEDICINAL PRODUCT\n\n{w.title} {strength} {one}s",
        f"2. QUALITATIVE AND QUANTITATIVE COMPOSITION\n\nEach {one} contains {strength} of {w.drug}.\n"
        f"Excipient with known effect: lactose monohydrate {w.number(20, 200)} mg.",
        f"3. PHARMACEUTICAL FORM\n\n{one.capitalize()}.\nWhite, round, marked “{w.number(10, 99)}” on one side.",
        f"4. CLINICAL PARTICULARS\n\n4.1 Therapeutic indications\n\nTreatment of "
        f"{w.chance.choice(_CONDITIONS)} in adults.",
        f"4.2 Posology and method of administration\n\n{w.prose(3)}",
        f"4.3 Contraindications\n\n- Hypersensitivity to the active substance.\n- Severe "
        f"{w.chance.choice(_CONDITIONS)}.",
        f"4.6 Fertility, pregnancy and lactation\n\nPregnancy\n{w.prose(1)}\n\nBreast-feeding\n{w.drug} is "
        f"excreted in milk.",
        f"4.8 Undesirable effects\n\n{table}",
        f"5. PHARMACOLOGICAL PROPERTIES\n\n5.2 Pharmacokinetic properties\n\n{w.prose(3)}",
        "6. PHARMACEUTICAL PARTICULARS\n\n6.3 Shelf life\n\n3 years.\n\n10. DATE OF REVISION OF THE "
        "TEXT\n\n12 June 2020",
    ]


def _us_label(w: _Writer) -> list[str]:
    """An American label by the rule of 2006."""
    many, _, printed = w.doses[0]
    marks = f"debossed with “{w.number(10, 99)}” on one side and “{w.brands[0][:2].upper()}” on the other"
    return [
        f"HIGHLIGHTS OF PRESCRIBING INFORMATION\n{w.brands[0].upper()} ({w.drug}) {many.lower()}, for oral use\n"
        f"Initial U.S. Approval: {w.number(1970, 2020)}",
        f"1 INDICATIONS AND USAGE\n{w.brands[0].upper()} is indicated for {w.chance.choice(_CONDITIONS)}.",
        f"2 DOSAGE AND ADMINISTRATION\n2.1 Recommended Dosage\n{w.prose(2)}",
        f"3 DOSAGE FORMS AND STRENGTHS\n{many}: {w.dose(printed)}, white, round, {marks}.",
        f"4 CONTRAINDICATIONS\n- Hypersensitivity to {w.drug}\n- {w.chance.choice(_CONDITIONS).capitalize()}",
        f"5 WARNINGS AND PRECAUTIONS\n5.1 {w.chance.choice(_MANY_REACTIONS).capitalize()}\n{w.prose(3)}",
        f"6 ADVERSE REACTIONS\nThe most common adverse reactions (≥ 5%) are {w.reactions(6)}.\n"
        f"6.1 Clinical Trials Experience\n{w.prose(2)}\n6.2 Postmarketing Experience\n{w.reactions(8).capitalize()}.",
        f"8 USE IN SPECIFIC POPULATIONS\n8.1 Pregnancy\nRisk Summary\n{w.prose(2)}\n8.2 Lactation\n{w.prose(1)}",
        f"12 CLINICAL PHARMACOLOGY\n12.3 Pharmacokinetics\n{w.prose(3)}",
        f"16 HOW SUPPLIED/STORAGE AND HANDLING\n{many}, {w.dose('{a} mg')}: bottles of {w.number(3, 9)}0, "
        f"NDC {w.number(10000, 99999)}-{w.number(100, 999)}-{w.number(10, 99)}\nStore at 20 °C to 25 °C "
        f"(68 °F to 77 °F).",
    ]


def _leaflet(w: _Writer) -> list[str]:
    """A leaflet in the package, for patients."""
    effects = "\n".join(f"• {reaction}" for reaction in w.chance.sample(_MANY_REACTIONS, 6))
    return [
        f"Package leaflet: Information for the user\n{w.title} {w.dose('{a} mg')} {w.doses[0][0].lower()}\n{w.drug}",
        f"1. What {w.title} is and what it is used for\nIt is used to treat "
        f"{w.chance.choice(_CONDITIONS)}. {w.prose(1)}",
        f"2. What you need to know before you take {w.title}\nDo not take {w.title}:\n• if you are "
        f"allergic to {w.drug}\n"
        f"• if you have {w.chance.choice(_CONDITIONS)}\nPregnancy and breast-feeding\nAsk your doctor for advice.",
        f"3. How to take {w.title}\n{w.prose(2)}",
        f"4. Possible side effects\nCommon (may affect up to 1 in 10 people):\n{effects}\nRare: {w.reactions(3)}",
        f"5. How to store {w.title}\nKeep out of the sight and reach of children. {w.prose(2)}",
        f"6. Contents of the pack and other information\nWhat {w.title} contains\n"
        f"- The active substance is {w.drug}. Each {w.doses[0][1].lower()} contains {w.dose('{a} mg')}.\n"
        f"- The other ingredients are lactose, maize starch.",
    ]


def _card(w: _Writer) -> list[str]:
    """A nursing card."""
    groups = ("CNS", "CV", "GI", "Skin", "Hematologic")
    effects = "\n".join(f"* {group}: {w.reactions(3)}" for group in groups)
    return [
        f"## {w.title}\n\n**Class:** {w.chance.choice(_CLASSES)}\n**Pregnancy Category {w.chance.choice('ABCDX')}**",
        f"**Action** - {w.prose(1)}\n**Uses:** {w.chance.choice(_CONDITIONS).capitalize()}",
        f"**Available forms:**\n{w.listed('* {}: {}')}",
        f"**Contraindications** — hypersensitivity, {w.chance.choice(_CONDITIONS)}",
        f"**Side effects:**\n{effects}",
        f"**Route and dosage**\nAdult: PO {w.number(5, 50)} mg bid; IV {w.number(1, 9)} mg q6h prn",
        "**Nursing considerations:**\n" + "\n".join(f"* {w.prose(1)}" for _ in range(4)),
        f"**Look-alike names:** {w.brands[1]}",
    ]


def _drug_facts(w: _Writer) -> list[str]:
    """The label of a medicine sold without a prescription."""
    return [
        f"{w.brands[0]} {w.title}\n\nDrug Facts",
        f"Active ingredient (in each {w.doses[0][1].lower()})\n{w.drug.capitalize()} {w.dose('{a} mg')}",
        f"Purpose\n{w.chance.choice(_CLASSES)}",
        f"Uses\ntemporarily relieves:\n• {w.chance.choice(_MANY_REACTIONS)}\n• {w.chance.choice(_MANY_REACTIONS)}",
        f"Warnings\nDo not use\n• if you have {w.chance.choice(_CONDITIONS)}\nAsk a doctor before use if you have\n"
        f"• {w.chance.choice(_CONDITIONS)}\nStop use and ask a doctor if\n• {w.chance.choice(_MANY_REACTIONS)} occurs\n"
        "If pregnant or breast-feeding, ask a health professional before use.",
        f"Directions\n• adults: take {w.number(1, 2)} every {w.number(4, 8)} hours\n• children under 12: ask a doctor",
        f"Other information\n• store at 20-25 °C\n{w.prose(2)}",
        "Inactive ingredients\nlactose, magnesium stearate, talc\n\nQuestions? call 1-800-555-0199",
    ]


def _fields(w: _Writer) -> list[str]:
    """A page of keys and values."""
    return [
        f"Product Name: {w.title}\nGeneric Name: {w.drug}\nBrand: {w.brands[0]}\nTherapeutic Class: "
        f"{w.chance.choice(_CLASSES)}",
        f"Dosage Form: {w.doses[0][1]}\nStrength: {w.dose('{a} mg')}\nRoute: {w.chance.choice(_ROUTES)}\nPack Size: 30",
        f"Indications: {w.chance.choice(_CONDITIONS)}; {w.chance.choice(_CONDITIONS)}",
        f"Contraindications: hypersensitivity to {w.drug}; {w.chance.choice(_CONDITIONS)}",
        f"Side Effects: {w.reactions(9)}",
        f"Interactions: {', '.join(w.chance.sample(_OTHERS, 4))}\nPregnancy Category: {w.chance.choice('ABCDX')}",
        f"Description: {w.prose(5)}",
        "Storage: Store below 30 °C, protected from light.\nPrice: $12.50",
    ]


STYLES: dict[str, Style] = {
    "site": _site,
    "summary of product characteristics": _smpc,
    "US label": _us_label,
    "leaflet": _leaflet,
    "nursing card": _card,
    "drug facts": _drug_facts,
    "fields": _fields,
}


def documents(style: str, count: int, size: int = SHORT, seed: int = 1) -> Iterator[tuple[str, str]]:
    """`count` documents of a style, of about `size` characters each, as (file name, text)."""
    chance = random.Random(f"{style} {seed}")  # noqa: S311  (variety, not secrecy)
    for number in range(count):
        writer = _Writer(number, chance)
        parts = STYLES[style](writer)
        *first, last = parts
        length = sum(map(len, parts)) + 2 * len(parts)
        while length < size:
            more = _more(writer)
            first.append(more)
            length += len(more) + 2
        yield f"{style}/{number:05d}.txt", "\n\n".join([*first, last]) + "\n"


def _more(writer: _Writer) -> str:
    """A paragraph, a list or a table, as long documents are full of."""
    match writer.number(1, 6):
        case 1:
            return "\n".join(f"• {writer.prose(1)}" for _ in range(writer.number(2, 6)))
        case 2:
            rows = (f"{name} | {writer.number(1, 30)}% | {writer.number(1, 9)}%" for name in _MANY_REACTIONS[::9])
            return "Adverse reaction | Drug | Placebo\n" + "\n".join(rows)
        case 3:
            return "\n".join(wrap(writer.prose(6), 78))
        case _:
            return writer.prose(writer.number(3, 8))
