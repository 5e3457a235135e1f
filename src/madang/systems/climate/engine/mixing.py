"""The weighted mean around every cell, over the cells that count, by Fourier transform."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from madang.systems.climate.engine.compiled import compiled, cores, over_rows
from madang.systems.climate.engine.grid import Flags, Floats
from madang.systems.climate.engine.kernels import Kernel

Spectrum = NDArray[np.complex64]

Then = Callable[[Floats, int, int], None]

MOST_KEPT = 24  # spectra of windows
AT_ONCE = 32  # rows


def _nothing(sums: Floats, first: int, end: int) -> None:
    pass


@dataclass(frozen=True)
class Convolution:
    """Sums of values times a kernel around every cell of `shape`; beyond the edges lies nothing.

    reach: cells of room beyond the edges, where that is to be as much as another kernel's.
    """

    kernel: Kernel
    shape: tuple[int, int]
    reach: int = 0

    @cached_property
    def padded(self) -> tuple[int, int]:
        """Room for the kernel to reach over each edge without coming back at the other."""
        reach = max(self.reach, self.kernel.reach)
        rows, columns = (_even(side + min(reach, side - 1)) for side in self.shape)
        return rows, columns

    @cached_property
    def spectrum(self) -> Floats:
        """The kernel's transform; its middle lies at the corner, and it is even, so it is real.

        One quarter of an even kernel says all: a cosine transform of it costs a quarter of the room. The
        other half of its rows are the same again, backwards.
        """
        import scipy.fft

        middle = self.kernel.reach
        quarter = np.zeros([side // 2 + 1 for side in self.padded], np.float32)
        reach = [min(middle, side - 1) + 1 for side in self.shape]
        part = self.kernel.weights[middle : middle + reach[0], middle : middle + reach[1]]
        quarter[: reach[0], : reach[1]] = part
        found = scipy.fft.dctn(quarter, type=1, workers=cores(), overwrite_x=True)
        return np.asarray(found, np.float32)

    def transform(self, values: Floats | Flags) -> Spectrum:
        """The transform of values (`shape`); the rows of nothing below them cost nothing."""
        import scipy.fft

        rows, columns = self.padded
        spectrum = np.empty((rows, columns // 2 + 1), np.complex64)

        def work(first: int, end: int) -> None:
            for few in _some(first, end):
                part = np.asarray(values[few], np.float32)
                spectrum[few] = scipy.fft.rfft(part, columns, axis=1)

        over_rows(len(values), work)
        spectrum[len(values) :] = 0
        return np.asarray(scipy.fft.fft(spectrum, axis=0, workers=cores(), overwrite_x=True))

    def of(self, values: Floats) -> Floats:
        """The sums for values (float32, `shape`); good to about 1e-6 of the largest sum."""
        return self.back(self.transform(values))

    def back(self, spectrum: Spectrum, then: Then = _nothing, *, keep: bool = False) -> Floats:
        """The sums for what has this transform, which is used up unless it is to be kept; then(sums,
        first, end) goes on with rows that are ready.
        """
        import scipy.fft

        factors, scaled = self.spectrum, np.empty_like(spectrum) if keep else spectrum
        over_rows(len(spectrum), lambda a, b: _scale(spectrum, factors, scaled, a, b))
        lines = scipy.fft.ifft(scaled, axis=0, workers=cores(), overwrite_x=True)
        rows, columns = self.shape
        sums = np.empty(self.shape, np.float32)

        def work(first: int, end: int) -> None:
            for few in _some(first, end):
                sums[few] = scipy.fft.irfft(lines[few], self.padded[1], axis=1)[:, :columns]
                then(sums, few.start, few.stop)

        over_rows(rows, work)
        return sums


def _some(first: int, end: int) -> Iterator[slice]:
    """Rows a few at a time: what they take stays in the core's cache, and is the same memory each time."""
    for row in range(first, end, AT_ONCE):
        yield slice(row, min(end, row + AT_ONCE))


class Mixing:
    """Means around every cell, each cell counting by its share. What depends on shares alone is kept."""

    def __init__(
        self,
        convolution: Convolution,
        shares: Floats | Flags,
        spectrum: Spectrum,
        *,
        keep: bool = False,
    ) -> None:
        """spectrum is the transform of shares, and is used up unless it is to be kept."""
        self.convolution, kernel = convolution, convolution.kernel
        # a cell that counts has at least its own share around it; what is less is noise
        least = np.float32(kernel.weights[kernel.reach, kernel.reach] / 2)
        self.inverse = convolution.back(
            spectrum, lambda sums, a, b: _invert(sums, shares, least, a, b), keep=keep
        )

    def mean(self, values: Floats) -> Floats:
        """The mean around each cell of values, which come times the cell's share; 0 where that is 0."""
        spectrum = self.convolution.transform(values)
        return self.convolution.back(spectrum, lambda sums, a, b: _times(sums, self.inverse, a, b))


def mixings(first: Kernel, second: Kernel, shares: Floats | Flags) -> tuple[Mixing, Mixing]:
    """Of two kernels over the same cells, which are transformed once."""
    reach = max(first.reach, second.reach)
    one, other = (Convolution(each, shares.shape, reach) for each in (first, second))
    spectrum = one.transform(shares)
    return Mixing(one, shares, spectrum, keep=True), Mixing(other, shares, spectrum)


@compiled
def _scale(spectrum: Spectrum, factors: Floats, out: Spectrum, first: int, end: int) -> None:
    """spectrum by factors, whose rows after the middle one come again backwards."""
    for row in range(first, end):
        by = factors[min(row, len(spectrum) - row)]
        for column in range(spectrum.shape[1]):
            out[row, column] = spectrum[row, column] * by[column]


@compiled
def _invert(sums: Floats, shares: Floats | Flags, least: np.float32, first: int, end: int) -> None:
    """What the sums of shares around each cell are divided by, turned over; 0 where nothing counts."""
    for row in range(first, end):
        for column in range(sums.shape[1]):
            share = np.float32(shares[row, column])
            if share > 0:
                sums[row, column] = 1 / max(sums[row, column], least * share)
            else:
                sums[row, column] = 0


@compiled
def _times(sums: Floats, inverse: Floats, first: int, end: int) -> None:
    for row in range(first, end):
        for column in range(sums.shape[1]):
            sums[row, column] *= inverse[row, column]


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
        self._kept: dict[tuple[int, int], Floats] = {}

    def of(self, change: Floats) -> Floats:
        """Sums for change (one number for each pace x pace cells), `reach` middles farther each way."""
        import scipy.fft

        rows, columns = (_roomy(side + 2 * self.reach) for side in change.shape)
        room = np.zeros((rows, columns), np.float32)
        height, width = change.shape
        room[self.reach : self.reach + height, self.reach : self.reach + width] = change
        spectrum = self._spectrum((rows, columns))
        # Some hundred rows: one core is through before two have shared them.
        sums = scipy.fft.irfft2(scipy.fft.rfft2(room) * spectrum, s=room.shape)
        return np.asarray(sums[: height + 2 * self.reach, : width + 2 * self.reach])

    def _spectrum(self, shape: tuple[int, int]) -> Floats:
        """The kernel's transform over values that keep its reach from the edges, so that nothing wraps."""
        if shape not in self._kept:
            half = _Wrapped(self.kernel, shape).spectrum
            self._kept[shape] = np.concatenate((half, half[-2:0:-1]))
            if len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return self._kept[shape]


class _Wrapped(Convolution):
    @cached_property
    def padded(self) -> tuple[int, int]:
        return self.shape


def _roomy(side: int) -> int:
    """A fast length, of few different ones, so that spectra are used again."""
    step = 16 if side < 256 else 64
    return _even(-(-side // step) * step)


def _even(side: int) -> int:
    """The next even length of small factors: an even kernel is mirrored around its middle."""
    import scipy.fft

    return 2 * int(scipy.fft.next_fast_len(-(-side // 2), real=True))
