"""What is said of the dataset as a whole, in every descriptor alike."""

from __future__ import annotations

DATASET = "drug-monographs"
TITLE = "Drug Monographs"
DESCRIPTION = "Tables read from plain-text drug monographs, with the place of every value in its source."
CREATOR = "The Drug Monographs contributors"
LICENCE = "Apache-2.0; quoted words keep the terms of their source"
LICENCE_FILE = "LICENSE.txt"
KEYWORDS = ("drug monographs", "medication strengths", "open data")
