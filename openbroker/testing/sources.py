"""What an adapter's modules import, read from their text."""

from __future__ import annotations

import ast
import importlib
import inspect
from typing import Final

from openbroker.adapters.base import Adapter

FORBIDDEN: Final = frozenset(
    {"httpx", "h11", "h2", "os", "time", "socket", "ssl", "asyncio", "sqlite3", "pathlib",
     "threading", "subprocess", "requests", "aiohttp", "http", "open"}
)  # fmt: skip
"""What an adapter's module may not import."""


def own_modules(kind: type) -> list[str]:
    """The modules of an adapter's class and of its bases, but for the shared base."""
    package = kind.__module__.rpartition(".")[0]
    names = {base.__module__ for base in kind.__mro__ if issubclass(base, Adapter)}
    main = importlib.import_module(kind.__module__)
    imported = _imported_from(ast.parse(inspect.getsource(main)))
    stem = kind.__module__
    names |= {name for name in imported if name.startswith(stem) and package}
    return sorted(names - {Adapter.__module__})


def imported_by(tree: ast.AST) -> set[str]:
    names = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    return names | {name.partition(".")[0] for name in _imported_from(tree)}


def _imported_from(tree: ast.AST) -> set[str]:
    return {
        node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
    }
