"""Broker names to adapters: built in, registered, or from installed plug-ins.

An adapter is imported when its name is first used.  A plug-in names itself in the entry-point group
``openbroker.adapters``.  Nobody can take a built-in name: whoever holds it is handed the user's
PIN.  A plug-in that claims one is ignored, and named in the log.
"""

from __future__ import annotations

import difflib
import importlib
import logging
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Final

from openbroker.adapters.base import Adapter
from openbroker.arguments import shown
from openbroker.errors import ConfigError, UnknownBroker

GROUP: Final = "openbroker.adapters"

log = logging.getLogger("openbroker.registry")

BUILT_IN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "angelone": "openbroker.adapters.angelone:ANGELONE",
        "dhan": "openbroker.adapters.dhan:DHAN",
        "dhan_sandbox": "openbroker.adapters.dhan:DHAN_SANDBOX",
        "flattrade": "openbroker.adapters.noren:FLATTRADE",
        "fyers": "openbroker.adapters.fyers:FYERS",
        "mstock": "openbroker.adapters.mstock:MSTOCK",
        "sandbox": "openbroker.sandbox.embedded:SANDBOX",
        "shoonya": "openbroker.adapters.noren:SHOONYA",
        "tradesmart": "openbroker.adapters.noren:TRADESMART",
        "upstox": "openbroker.adapters.upstox:UPSTOX",
        "zebu": "openbroker.adapters.noren:ZEBU",
        "zerodha": "openbroker.adapters.zerodha:ZERODHA",
    }
)
"""Name to dotted path, in alphabetical order."""

_registered: dict[str, Adapter] = {}
_impostors: set[EntryPoint] = set()
"""Those that the log has named already."""


def brokers() -> tuple[str, ...]:
    """The names that ``connect`` knows, in alphabetical order."""
    return tuple(sorted({*BUILT_IN, *_registered, *_plug_ins()}))


def register(adapter: Adapter) -> None:
    """Make an adapter known under its name, for this process.

    Raises:
        ConfigError: the name is built in or taken, or the object is no adapter.
    """
    if not isinstance(adapter, Adapter):
        raise ConfigError(f"{adapter!r} is not an Adapter")
    if adapter.name in BUILT_IN:
        raise ConfigError(f"the name {adapter.name!r} is built in and cannot be taken")
    if _registered.get(adapter.name, adapter) != adapter:
        raise ConfigError(f"the name {adapter.name!r} is registered already")
    _registered[adapter.name] = adapter


def adapter_for(name: str) -> Adapter:
    """The adapter of a name, imported now if it was not before.

    Raises:
        UnknownBroker: no adapter has that name; the nearest one is named.
        ConfigError: a plug-in's object is no adapter, or goes by another name.
    """
    if not isinstance(name, str):
        raise UnknownBroker(f"no broker {shown(name)}: broker is a name")
    if name in BUILT_IN:
        return _load(name, BUILT_IN[name])
    if name in _registered:
        return _registered[name]
    plug_in = _plug_ins().get(name)
    if plug_in is None:
        near = difflib.get_close_matches(str(name).casefold(), brokers(), n=1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        raise UnknownBroker(f"no broker {name!r}{guess}")
    return _load(name, plug_in.value)


def _load(name: str, path: str) -> Adapter:
    module, _, attribute = path.partition(":")
    adapter = getattr(importlib.import_module(module), attribute)
    if not isinstance(adapter, Adapter) or adapter.name != name:
        raise ConfigError(f"{path} is not an adapter named {name!r}")
    return adapter


def _plug_ins() -> dict[str, EntryPoint]:
    """Installed plug-ins, except those that claim a built-in name."""
    found = entry_points(group=GROUP)
    for point in found:
        if point.name in BUILT_IN and point not in _impostors:
            _impostors.add(point)
            _warn_of(point)
    return {point.name: point for point in found if point.name not in BUILT_IN}


def _warn_of(point: EntryPoint) -> None:
    package = point.dist.name if point.dist is not None else "an unknown package"
    log.warning(
        "the plug-in %s of %s claims the built-in name %r and is ignored; uninstall the package "
        "unless you trust it",
        point.value, package, point.name,
    )  # fmt: skip
