"""The catalogue: pages that show what is published, made from the log and the releases alone.

    places           where each page stands, and relative links between them
    content          what there is to show: index, latest release, its tables as DuckDB views
    overview_pages   the first page, what a reader must know of the dataset, charts
    table_pages      each table: its rows, what is in its columns, how to have it; row_parts holds the rows
    drug_pages       each drug with its documents side by side, and drug classes
    monograph_pages  each document: annotated marks its words, cells shows what was read from them
    review_pages     findings by their words, with the row that would clear them
    version_pages    what each version changed
    search_index     the index that a browser loads in parts
    rendering        values to HTML and to files of script, with every word from outside escaped and visible
    build            makes all, writes what has changed, removes what no longer belongs
    stamp            tells what has not changed without making it

What pages do in a browser is in assets/: catalogue.js loads data, store.js holds cells, rows.js is the grid of a table,
sql.js asks several, search.js searches, page.js does the rest. Programs of others are in assets/vendor/.

Nothing of it runs on a server: links are relative, data comes in files of script, and no page asks another host.
"""

from __future__ import annotations

from pipelines.site.build import Built, build_site, refresh_site

__all__ = ["Built", "build_site", "refresh_site"]
