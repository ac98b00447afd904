"""`make notebooks`: runs each notebook on the newest release, and puts it into the catalogue with what it gave."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from markupsafe import Markup
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from traitlets.config import Config

from pipelines.site import build_site, places
from pipelines.site.rendering import SitePage, page_html

_HERE = Path(__file__).parent
_STYLE = re.compile(r"""<style.*?</style>|\sstyle="[^"]*\"""", re.DOTALL)  # of tables; the catalogue has its own
_TEXT = ["h1", "h2", "h3", "p", "ul", "ol", "li", "a", "em", "strong", "code", "pre", "small", "div", "span", "img"]
_TABLE = ["table", "thead", "tbody", "tr", "th", "td"]
_ATTRIBUTES = {"*": ["class", "id", "scope"], "a": ["href"], "img": ["alt", "src"]}
_AS_PAGE = Config({
    "HTMLExporter": {"exclude_input_prompt": True, "exclude_output_prompt": True, "exclude_anchor_links": True},
    "ExtractOutputPreprocessor": {"enabled": True},
    "SanitizeHTML": {"enabled": True, "tags": [*_TEXT, *_TABLE], "attributes": _ATTRIBUTES, "strip": True},
})  # fmt: skip


def render_notebook(notebook: Path, outputs: Path) -> Path:
    """The page of a notebook, run now; pictures stand beside it. Raises CellExecutionError where a cell fails."""
    run = NotebookClient(nbformat.read(notebook, 4), resources={"metadata": {"path": str(notebook.parent)}}).execute()
    for output in (output for cell in run.cells for output in cell.get("outputs", [])):
        if "text/html" in output.get("data", {}):
            output.data["text/html"] = _STYLE.sub("", output.data["text/html"])
    resources = {"output_files_dir": f"{notebook.stem}_files"}
    body, made = HTMLExporter(config=_AS_PAGE, template_name="basic").from_notebook_node(run, resources)
    place = f"{places.NOTEBOOKS}/{notebook.stem}.html"
    files = {f"{places.NOTEBOOKS}/{name}": data for name, data in made["outputs"].items()}
    title = notebook.stem.replace("_", " ").capitalize()
    files[place] = page_html(SitePage(place, "notebook.html", {"title": title, "body": Markup(body)}))  # noqa: S704  (sanitized)
    for name, data in files.items():
        (outputs / name).parent.mkdir(parents=True, exist_ok=True)
        (outputs / name).write_bytes(data)
    return outputs / place


def main() -> None:
    """Every notebook, on `outputs/`."""
    outputs = _HERE.parent / "outputs"
    for notebook in sorted(_HERE.glob("*.ipynb")):
        print(render_notebook(notebook, outputs))
    build_site(outputs)


if __name__ == "__main__":
    main()
