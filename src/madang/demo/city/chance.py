"""Chance that can be repeated: every stage of making a city draws from a stream of its own."""

from __future__ import annotations

import zlib

import numpy as np


def chance(seed: int, stage: str) -> np.random.Generator:
    """The random numbers of one stage; what other stages draw does not change them."""
    return np.random.default_rng([seed, zlib.crc32(stage.encode())])
