"""The weighted mean around every cell, over the cells that count, by Fourier transform."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from madang.systems.climate.engine.compiled import compiled, cores, over_rows
from madang.systems.climate.engine.grid import Flags, Floats
from madang.systems.climate.engine.kernels import Kernel

Spectrum = NDArray[np.complex64]

MOST_KEPT = 24  # spectra of windows


@dataclass(frozen=True)
class Convolution:
    """Sums of values times a kernel around every cell of `shape`; beyond the edges lies nothing."""

    kernel: Kernel
    shape: tuple[int, int]

    @cached_property
    def padded(self) -> tuple[int, int]:
        """Room for the kernel to reach over each edge without coming back at the other."""
        rows, columns = (
            scipy.fft.next_fast_len(side + min(self.kernel.reach, side - 1), real=True)
            for side in self.shape
        )
        return rows, columns

    @cached_property
    def spectrum(self) -> Floats:
        """The kernel's transform; its middle lies at the corner, and it is even, so it is real."""
        reach = tuple(min(self.kernel.reach, side - 1) for side in self.shape)
        middle = self.kernel.reach
        weights = self.kernel.weights[
            middle - reach[0] : middle + reach[0] + 1, middle - reach[1] : middle + reach[1] + 1
        ]
        room = np.zeros(self.padded, np.float32)
        rows = np.arange(-reach[0], reach[0] + 1) % self.padded[0]
        columns = np.arange(-reach[1], reach[1] + 1) % self.padded[1]
        room[np.ix_(rows, columns)] = weights
        return np.ascontiguousarray(scipy.fft.rfft2(room, workers=cores()).real)

    def of(self, values: Floats) -> Floats:
        """The sums for values (float32, `shape`); good to about 1e-6 of the largest sum."""
        spectrum = scipy.fft.rfft2(values, s=self.padded, workers=cores())
        factors = self.spectrum
        over_rows(len(spectrum), lambda a, b: _scale(spectrum, factors, a, b))
        back = scipy.fft.irfft2(spectrum, s=self.padded, workers=cores(), overwrite_x=True)
        rows, columns = self.shape
        return np.asarray(back[:rows, :columns], np.float32)


class Mixing:
    """Means around every cell, each cell counting by its share. What depends on shares alone is kept."""

    def __init__(self, kernel: Kernel, shares: Floats | Flags) -> None:
        self.convolution = Convolution(kernel, shares.shape)
        self.counts = np.asarray(shares, np.bool_)
        sums = self.convolution.of(np.asarray(shares, np.float32))
        # a cell that counts has at least its own share around it; what is less is noise
        middle = kernel.weights[kernel.reach, kernel.reach] / 2
        self.weights = np.where(self.counts, np.maximum(sums, middle * shares), np.float32(1))

    def mean(self, values: Floats) -> Floats:
        """The mean around each cell that counts of values, which come times the cell's share."""
        sums = self.convolution.of(values)
        out = np.zeros(sums.shape, np.float32)
        over_rows(len(out), lambda a, b: _divide(sums, self.weights, self.counts, out, a, b))
        return out


@compiled
def _scale(spectrum: Spectrum, factors: Floats, first: int, end: int) -> None:
    for row in range(first, end):
        for column in range(spectrum.shape[1]):
            spectrum[row, column] *= factors[row, column]


@compiled
def _divide(sums: Floats, weights: Floats, mask: Flags, out: Floats, first: int, end: int) -> None:
    for row in range(first, end):
        for column in range(sums.shape[1]):
            if mask[row, column]:
                out[row, column] = sums[row, column] / weights[row, column]


class Ripple:
    """What a change in one window does to the means around it, at a coarser pace: `pace` cells are
    taken together as if in their middle, and what comes out is drawn straight between middles.

    The error is below 1 % of the change's own effect where pace is below a twentieth of the distance.
    """

    def __init__(self, distance: int, kernel: Kernel, pace: int) -> None:
        self.pace = pace
        self.reach = -(-kernel.reach // pace) + 1
        steps = np.arange(-self.reach, self.reach + 1) * pace
        apart = np.hypot(steps[:, None], steps[None, :])
        weights = np.where(apart <= kernel.reach, np.exp(-apart / distance), 0)
        scale = float(kernel.weights.sum(dtype=np.float64)) / (weights.sum() * pace**2)
        self.kernel = Kernel((weights * scale).astype(np.float32), 1.0)
        self._kept: dict[tuple[int, int], Convolution] = {}

    def of(self, change: Floats) -> Floats:
        """Sums for change (one number for each pace x pace cells), `reach` middles farther each way."""
        rows, columns = (_roomy(side + 2 * self.reach) for side in change.shape)
        convolution = self._kept.get((rows, columns))
        if convolution is None:
            convolution = self._kept[rows, columns] = _Wrapped(self.kernel, (rows, columns))
            if len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        room = np.zeros((rows, columns), np.float32)
        height, width = change.shape
        room[self.reach : self.reach + height, self.reach : self.reach + width] = change
        return convolution.of(room)[: height + 2 * self.reach, : width + 2 * self.reach]


class _Wrapped(Convolution):
    """A convolution whose values keep the kernel's reach from the edges, so that nothing wraps."""

    @cached_property
    def padded(self) -> tuple[int, int]:
        return self.shape


def _roomy(side: int) -> int:
    """A fast length, of few different ones, so that spectra are used again."""
    step = 16 if side < 256 else 64
    return int(scipy.fft.next_fast_len(-(-side // step) * step, real=True))
