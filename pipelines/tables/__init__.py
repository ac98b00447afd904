"""Readings to rows, rows to Arrow tables in the order of their keys, and the rules that tables must hold.

* `rows`: what one seed adds to each published table; `code_lists`: the tables that come from no seed
* `keys`: the order of rows, keys that stand twice, references that lead nowhere
* `validate`: the rules of `schemas.tables`, and the rows that break them
* `mapped`: tables larger than memory; `sql`: queries over tables within a limit of memory
"""
