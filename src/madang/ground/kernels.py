"""How numerical kernels become machine code, kept on disk until a source that it came from changes.

numba puts what a function calls into its machine code, but looks only at the function's own file to tell
whether what it kept is still right: who changed another file would go on running what stood there before.
Here every module counts that the function's module imports of its own package, and what these import.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import (
    CompileResultCacheImpl,
    FunctionCache,
    InTreeCacheLocator,
    UserProvidedCacheLocator,
    UserWideCacheLocator,
)


def kernel(function: Callable[..., Any], **options: Any) -> Any:
    """function compiled when it is first called, without the interpreter's lock; no fastmath, so that
    results are the same on every run. Whoever may write no cache compiles anew in each process."""
    made = numba.njit(nogil=True, fastmath=False, **options)(function)
    try:
        made._cache = Kept(function)  # type: ignore[no-untyped-call]
    except RuntimeError:  # numba: no locator available
        return made
    return made


class _BySources:
    """Where a kernel is kept, under a name that stays when it moves to another line of its file."""

    _py_file: str

    def get_source_stamp(self) -> str:
        return stamp(Path(self._py_file))

    def get_disambiguator(self) -> str:
        return "kernel"


class _WhereAsked(_BySources, UserProvidedCacheLocator):
    """In the folder that NUMBA_CACHE_DIR names."""


class _Beside(_BySources, InTreeCacheLocator):
    """Beside the module."""


class _OfUser(_BySources, UserWideCacheLocator):
    """In the cache of whoever may not write beside the module."""


class _Keeping(CompileResultCacheImpl):
    _locator_classes = [_WhereAsked, _Beside, _OfUser]


class Kept(FunctionCache):
    _impl_class = _Keeping


@cache
def stamp(file: Path) -> str:
    """A digest of every source that the module in file is made of."""
    digest = hashlib.sha256()
    for path in sorted(sources(file)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def sources(file: Path) -> set[Path]:
    """The module in file, and those of its package that it imports, directly or through others."""
    found: set[Path] = set()
    ahead = {file}
    while ahead:
        found |= ahead
        ahead = {other for path in ahead for other in imported(path)} - found
    return found


@cache
def imported(file: Path) -> frozenset[Path]:
    """The modules of its own package that the module in file imports."""
    top = _top(file)
    names = _names(ast.parse(file.read_bytes()))
    return frozenset(path for name in names if (path := _file(top, name)))


def _top(file: Path) -> Path:
    """The folder of the outermost package that file is in."""
    folders = [one for one in file.parents if (one / "__init__.py").is_file()]
    return folders[-1] if folders else file.parent


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file(top: Path, name: str) -> Path | None:
    """The file of a module called name of the package in top."""
    path = top.parent.joinpath(*name.split("."))
    for one in (path.with_suffix(".py"), path / "__init__.py"):
        if one.is_relative_to(top) and one.is_file():
            return one
    return None
