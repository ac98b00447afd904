"""The catalogue: pages that show what is published, made from the log and the releases alone.

    places        where each page stands, and relative links between them
    content       what there is to show: index, latest release, its tables as DuckDB views
    home tables monographs classes findings versions about     which pages there are, and what each one says
    document      a monograph as a person reads it: `highlight` marks the words, `cells` shows what was read from them
    profile       what is in a column: nulls, distinct values, the commonest
    search        the index that a browser loads in parts
    rendering     values to HTML, with every word from outside escaped and `visible`
    writer        writes a page where it has changed, removes what no longer belongs
    stamp         tells what has not changed without making it

Nothing of it runs on a server: links are relative, data comes in files of script, and no page asks another host.
"""

from __future__ import annotations

from pipelines.site.build import Built, build_site, refresh_site

__all__ = ["Built", "build_site", "refresh_site"]
