"""Numbers that look random and depend on their arguments alone.

The price process needs a value for any instrument at any moment, asked in any order, and the same
one every time; a generator with a state cannot give that.  :func:`mix` hashes integers (the
finaliser of SplitMix64, Steele, Lea and Flood 2014), the rest shapes the hash.
"""

from __future__ import annotations

import hashlib

_MASK = (1 << 64) - 1
_ROOT3 = 3.0**0.5


def key_of(*words: object) -> int:
    """A 64-bit key for a name."""
    text = "\x1f".join(str(word) for word in words)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def mix(key: int, number: int) -> int:
    """64 well mixed bits."""
    x = (key + 0x9E3779B97F4A7C15 * (number + 1)) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def share(key: int, number: int) -> float:
    """Uniform in [0, 1)."""
    return mix(key, number) / 2.0**64


def bell(key: int, number: int) -> float:
    """About normal with mean 0 and deviation 1, never beyond 3.5 (a sum of four uniforms)."""
    bits = mix(key, number)
    total = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
    return (total / 65536.0 - 2.0) * _ROOT3
