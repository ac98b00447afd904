"""Documents to monographs, and monographs to headed sections with their places.

    tokens ─ lines ─► lines ─ headings, outline ─► headings ─ titles, monographs, sections ─► monographs

Headings come from the document's structure and from `schemas/codes/section_titles.csv`, layout from the modules here.
Nothing depends on the order of headings. Every line that is not blank ends in a title, in a section or in the place of
a finding.
"""
