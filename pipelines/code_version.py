"""Which code a node runs, and a digest of it.

TFX's cache key leaves the code out. With this digest among a node's properties changed code runs
again and unchanged code does not. What belongs to a node is not listed by hand: it is what its
executor imports, at the top of a file or within a function, and what that imports in turn.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
_EXECUTORS = "tfx.components."
_LOADERS = ("import_module", "iter_modules")


@dataclass(frozen=True)
class Closure:
    """All code that some modules run.

    Attributes:
        modules: our own, by dotted name.
        foreign: top-level names of what is imported from elsewhere, without Python's own library.
        files: the modules' files, and the data files that lie beside them, relative to the project.
    """

    modules: frozenset[str]
    foreign: frozenset[str]
    files: tuple[Path, ...]

    def version(self, root: Path = ROOT) -> str:
        """sha256 (first 16 hex digits) over names and content of the files."""
        digest = hashlib.sha256()
        for path in self.files:
            digest.update(path.as_posix().encode() + b"\0" + (root / path).read_bytes() + b"\0")
        return digest.hexdigest()[:16]


class UnknownImport(ValueError):
    """A module loads another by a name that only it knows; see ``_loaded_by_name``."""


def closure_of(modules: Iterable[str], root: Path = ROOT) -> Closure:
    """The closure of some modules, ours or others'.

    Imports for type checkers alone do not count. A package of which only a module is imported runs
    the top of its ``__init__`` and none of its functions. Of the code of others the imports of
    the given modules and of TFX's executors count, no deeper.

    Args:
        modules: dotted names, of modules or of things in them.
        root: the project's folder.

    Raises:
        ModuleNotFoundError: one of them is not there.
        UnknownImport: what a module loads by name cannot be told.
    """
    names = {_module_of(name, root) for name in modules}
    waiting = [(name, False) for name in sorted(names)]
    seen: set[tuple[str, bool]] = set()
    foreign: set[str] = set()
    while waiting:
        name, top_only = waiting.pop()
        if (name, top_only) in seen or (name, False) in seen:
            continue
        seen.add((name, top_only))
        path = _file(name, root)
        if path is None:
            foreign.add(name.partition(".")[0])
            if name not in names and not name.startswith(_EXECUTORS):
                continue
            path = _foreign_file(name)
        for wanted, ancestor in _imports(path, name, top_only, root):
            waiting.append((wanted, ancestor))
    ours = {name for name, _ in seen if _file(name, root)}
    files = {_file(name, root) for name in ours} - {None}
    files |= {data for path in files if path for data in _data_beside(path)}
    return Closure(
        modules=frozenset(ours),
        foreign=frozenset(foreign - sys.stdlib_module_names),
        files=tuple(sorted(path.relative_to(root) for path in files if path)),
    )


def code_version(*modules: str) -> str:
    """Version of the code that some modules run."""
    return closure_of(modules).version()


def _module_of(dotted: str, root: Path) -> str:
    """The module that a dotted name is, or is in."""
    name = dotted
    while name:
        if _file(name, root) or _foreign_file(name):
            return name
        name = name.rpartition(".")[0]
    raise ModuleNotFoundError(f"No module named {dotted!r}", name=dotted)


@cache
def _file(name: str, root: Path) -> Path | None:
    """The file of a module of ours; None for all others."""
    path = root.joinpath(*name.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


@cache
def _foreign_file(name: str) -> Path | None:
    top, _, rest = name.partition(".")
    # Of the whole name find_spec would import the packages above it.
    spec = importlib.util.find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        return None
    for location in spec.submodule_search_locations:
        path = Path(location, *filter(None, rest.split(".")))
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return file
    return None


def _is_module(name: str, root: Path) -> bool:
    """Whether a name is a module of ours, or one of those of TFX that are looked into."""
    return bool(_file(name, root) or (name.startswith(_EXECUTORS) and _foreign_file(name)))


def _data_beside(path: Path) -> Iterator[Path]:
    """What a module may read: the files beside it that are no Python."""
    return (file for file in path.parent.iterdir() if file.is_file() and ".py" not in file.suffixes)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), str(path))


@cache
def _imports(
    path: Path | None, name: str, top_only: bool, root: Path
) -> tuple[tuple[str, bool], ...]:
    """(module, whether only the top of it runs) of what a module imports or loads by name."""
    # The closures of a pipeline's nodes have most modules in common.
    return tuple(_read_imports(path, name, top_only, root)) if path else ()


def _read_imports(path: Path, name: str, top_only: bool, root: Path) -> Iterator[tuple[str, bool]]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in _executed(_tree(path), top_only):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_ancestors(alias.name)
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(node, package)
            for alias in node.names:
                inside = f"{source}.{alias.name}"
                yield from _with_ancestors(inside if _is_module(inside, root) else source)
        elif isinstance(node, ast.Call) and _called(node) in _LOADERS and _file(name, root):
            for loaded in _loaded_by_name(node, name, path, root):
                yield from _with_ancestors(loaded)
    yield from _with_ancestors(name, itself=False)


def _with_ancestors(name: str, itself: bool = True) -> Iterator[tuple[str, bool]]:
    if itself:
        yield name, False
    while name := name.rpartition(".")[0]:
        yield name, True


def _executed(node: ast.AST, top_only: bool) -> Iterator[ast.AST]:
    """The nodes of a tree that run: not what is for type checkers, nor functions where told so."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if top_only and isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        yield child
        yield from _executed(child, top_only)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    above = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _loaded_by_name(node: ast.Call, name: str, path: Path, root: Path) -> list[str]:
    """What ``import_module`` may load, or ``iter_modules`` finds: a module, or all of a package.

    Told from the argument: a text, ``f"package.{…}"``, ``f"{package.__name__}.{…}"`` or
    ``package.__path__``.
    """
    said = ast.unparse(node.args[0]) if node.args else ""
    package: str | None = None
    argument = node.args[0] if node.args else None
    if isinstance(argument, ast.JoinedStr):
        first = argument.values[0]
        if isinstance(first, ast.Constant):
            package = str(first.value).rstrip(".")
        elif isinstance(first, ast.FormattedValue):
            package = ast.unparse(first.value).removesuffix("__name__").rstrip(".") or name
    elif isinstance(argument, ast.Constant):
        return [str(argument.value)]
    elif said.endswith("__path__"):
        package = said.removesuffix("__path__").rstrip(".") or name
    if package is None or (found := _file(package, root)) is None:
        raise UnknownImport(
            f"{path}:{node.lineno}: {_called(node)}({said}) loads something that cannot be told"
            " from the code, so that no node would run again when it changes; name its package:"
            ' import_module(f"package.{name}")'
        )
    below = [".".join([package, *file.relative_to(found.parent).with_suffix("").parts])
             for file in found.parent.rglob("*.py")]  # fmt: skip
    return [module.removesuffix(".__init__") for module in below]
