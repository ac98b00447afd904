"""A public name means one thing: no two modules define the same one, and none is called like another."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PIPELINES = Path(__file__).parent.parent / "pipelines"
# The rooms in which every name is looked at; the names of all other modules count against theirs.
ROOMS = ("defs", "release", "site")
# Each command is called like what it runs.
COMMANDS = ("cli.py", "command")


def _modules() -> list[Path]:
    return [path for path in sorted(PIPELINES.rglob("*.py")) if path.relative_to(PIPELINES).parts[0] not in COMMANDS]


def _defined(path: Path) -> Iterator[str]:
    """The public functions, classes and constants of a module, and not what it imports."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))


def _is_of_a_room(path: Path) -> bool:
    return path.relative_to(PIPELINES).parts[0] in ROOMS


def test_no_public_name_means_two_things() -> None:
    """Whoever reads a name in one module and looks it up finds one definition of it."""
    places: defaultdict[str, set[Path]] = defaultdict(set)
    for path in _modules():
        for name in _defined(path):
            if not name.startswith("_"):
                places[name].add(path)
    twice = {name for name, found in places.items() if len(found) > 1 and any(map(_is_of_a_room, found))}
    assert twice == set()


def test_no_two_modules_have_one_name() -> None:
    """A file is found by its name alone."""
    modules = [path for path in _modules() if path.stem != "__init__"]
    stems = [path.stem for path in modules]
    assert {path.stem for path in modules if stems.count(path.stem) > 1 and _is_of_a_room(path)} == set()


def test_the_names_of_one_module_are_defined_once() -> None:
    """No later definition takes the place of an earlier one without a word."""
    for path in _modules():
        names = list(_defined(path))
        assert [name for name in set(names) if names.count(name) > 1] == [], path
