"""Where roads of an OpenStreetMap file begin, end and meet, in a few bytes a node however large it is."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np

NOBODY = np.iinfo(np.int64).min
"""Stands among the nodes, so that there is always one."""


class Numbers:
    """A growing set of whole numbers in eight bytes each; asking after adding sorts them."""

    def __init__(self) -> None:
        self._added = array("q")
        self._sorted = np.array([], dtype=np.int64)

    def add(self, number: int) -> None:
        self._added.append(number)

    def __contains__(self, number: int) -> bool:
        if len(self._added) != len(self._sorted):
            self._sorted = np.sort(np.array(self._added, dtype=np.int64))
        place = int(np.searchsorted(self._sorted, number))
        return place < len(self._sorted) and int(self._sorted[place]) == number


class Meetings:
    """Tell every road by `add`, then `close`; afterwards ask."""

    def __init__(self) -> None:
        self._used = array("q")
        self._nodes = np.array([NOBODY])
        self._told = np.zeros(1, dtype=np.bool_)
        self._others: set[int] = set()

    def add(self, refs: Sequence[int]) -> None:
        """A road over these nodes; its ends count twice, so that they are among the meetings."""
        self._used.extend(refs)
        self._used.extend((refs[0], refs[-1]))

    def close(self) -> None:
        """All roads have been told."""
        used = np.sort(np.frombuffer(self._used, dtype=np.int64))
        self._used = array("q")
        self._nodes = np.unique(np.append(used[1:][used[1:] == used[:-1]], NOBODY))
        self._told = np.zeros(len(self._nodes), dtype=np.bool_)

    def among(self, refs: Sequence[int]) -> list[bool]:
        """For each node whether it is one where roads meet."""
        found: list[bool] = np.isin(refs, self._nodes[self._places(refs)]).tolist()
        return found

    def is_first(self, ref: int) -> bool:
        """Whether this node is asked about for the first time."""
        place = int(self._places([ref])[0])
        if self._nodes[place] != ref:
            known = ref in self._others  # the end of what an extract has left of a road
            self._others.add(ref)
            return not known
        known = bool(self._told[place])
        self._told[place] = True
        return not known

    def _places(self, refs: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        return np.minimum(np.searchsorted(self._nodes, refs), len(self._nodes) - 1)
