"""Whether another distribution has the same import name.

``openbroker`` on the public index is somebody else's package for the same market.  If both are
installed, the later one has overwritten the other's files, and removing one damages the other.
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution

OURS = "openbroker-sdk"
THEIRS = "openbroker"

REMEDY = (
    f"Run: pip uninstall -y {THEIRS} {OURS}, then pip install {OURS}; both write into the same "
    "folder, so removing one alone is not enough."
)


def clash() -> str | None:
    """What is wrong, in a sentence; ``None`` if nothing is."""
    try:
        version = distribution(THEIRS).version
    except PackageNotFoundError:
        return None
    return (
        f"the distribution '{THEIRS}' {version} is installed beside '{OURS}': it is another "
        "project's package with the same import name"
    )


@cache
def warn_of_clash() -> None:
    """Say so once a process."""
    found = clash()
    if found is not None:
        warnings.warn(f"{found}. {REMEDY}", RuntimeWarning, stacklevel=4)
