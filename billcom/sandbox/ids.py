"""Record ids in BILL's shape, from a generator that gives the same ones for the same seed."""

import random
import string

_ALPHABET = string.ascii_letters + string.digits
_SANDBOX_MARK = "02"


def dice(seed: str) -> random.Random:
    """A random generator that repeats itself for the same seed."""
    return random.Random(seed)  # noqa: S311  a repeatable world is the point, nothing is secret


class Ids:
    """Hands out ids: a prefix of three characters, `02`, then fifteen letters and digits."""

    def __init__(self, rng: random.Random) -> None:
        """Draw from `rng`."""
        self._rng = rng

    def new(self, prefix: str) -> str:
        """An id of twenty characters for the kind of record that `prefix` stands for."""
        return prefix + _SANDBOX_MARK + "".join(self._rng.choices(_ALPHABET, k=15))
