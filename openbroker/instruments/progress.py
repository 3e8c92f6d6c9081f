"""A progress bar for the minute in which a master is fetched, in terminals and notebooks alike.

It appears only after a second, so that nobody sees it when the store is already there, and only
where somebody can see it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import warnings
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from tqdm import tqdm

T = TypeVar("T")

_APPEARS_AFTER: Final = 1.0
_REFRESH_EVERY: Final = 0.2


class Progress(Protocol):
    """How a long job tells how far it is; pass your own to show it elsewhere."""

    def waiting(self, title: str) -> contextlib.AbstractAsyncContextManager[None]:
        """A step of unknown length."""
        ...

    def counting(
        self, title: str, rows: Iterable[T], expected: int | None, *, unit: str = "instruments"
    ) -> Iterable[T]:
        """A step that goes through rows; ``expected`` is about how many, ``unit`` what they are."""
        ...


class Silent:
    """Shows nothing."""

    @contextlib.asynccontextmanager
    async def waiting(self, title: str) -> AsyncIterator[None]:  # noqa: ARG002 - the protocol's
        yield

    def counting(
        self,
        title: str,  # noqa: ARG002 - the protocol's
        rows: Iterable[T],
        expected: int | None,  # noqa: ARG002 - the protocol's
        *,
        unit: str = "instruments",  # noqa: ARG002 - the protocol's
    ) -> Iterable[T]:
        return rows


class Bar:
    """A tqdm bar, which suits itself to terminal or notebook."""

    @contextlib.asynccontextmanager
    async def waiting(self, title: str) -> AsyncIterator[None]:
        with _bar(title, None, "{desc} {elapsed}") as bar:
            ticking = asyncio.ensure_future(_tick(bar))
            try:
                yield
            finally:
                ticking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await ticking

    def counting(
        self, title: str, rows: Iterable[T], expected: int | None, *, unit: str = "instruments"
    ) -> Iterator[T]:
        with _bar(title, expected, None, unit) as bar:
            for row in rows:
                yield row
                bar.update()


def shown(wanted: bool | None) -> Progress:
    """A bar if it is wanted, or, with ``None``, if somebody watches."""
    watched = _is_watched() if wanted is None else wanted
    return Bar() if watched else Silent()


def _is_watched() -> bool:
    if sys.stderr is not None and sys.stderr.isatty():
        return True
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and "IPKernelApp" in shell.config


async def _tick(bar: tqdm[Any]) -> None:
    while True:
        await asyncio.sleep(_REFRESH_EVERY)
        bar.update(0)
        bar.refresh()


def _bar(title: str, total: int | None, layout: str | None, unit: str = "instruments") -> tqdm[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a notebook without widgets gets the plain bar
        from tqdm.auto import tqdm as auto

        bar: tqdm[Any] = auto(
            desc=title, total=total, unit=f" {unit}", unit_scale=True, leave=False,
            delay=_APPEARS_AFTER, bar_format=layout,
        )  # fmt: skip
    return bar
