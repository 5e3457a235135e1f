"""The Universal Thermal Climate Index: how warm the air feels to somebody who walks in it.

Bröde et al. 2012, Deriving the operational procedure for the Universal Thermal Climate Index (UTCI),
International Journal of Biometeorology 56: 481-494: a polynomial of the sixth degree in the air's
temperature, the wind at 10 m, how much warmer the surroundings radiate than the air, and vapour
pressure. It holds from -50 to 50 °C, 0.5 to 17 m/s, -30 to 70 °C of difference and up to 5 kPa; beyond
that the index is not known.
"""

from __future__ import annotations

import numpy as np

from madang.systems.climate.engine.compiled import compiled, over_rows
from madang.systems.climate.engine.grid import Floats

DEGREE = 6
# of every product of powers up to the sixth degree: temperature fastest, then wind, difference, vapour
# fmt: off
COEFFICIENTS = (
    0.607562052, -0.0227712343, 0.000806470249, -0.000154271372, -3.24651735e-06, 7.32602852e-08,
    1.35959073e-09, -2.2583652, 0.0880326035, 0.00216844454, -1.53347087e-05, -5.72983704e-07,
    -2.55090145e-09, -0.751269505, -0.00408350271, -5.21670675e-05, 1.94544667e-06, 1.14099531e-08,
    0.158137256, -6.57263143e-05, 2.22697524e-07, -4.16117031e-08, -0.0127762753, 9.66891875e-06,
    2.52785852e-09, 0.000456306672, -1.74202546e-07, -5.91491269e-06, 0.398374029, 0.000183945314,
    -0.00017375451, -7.60781159e-07, 3.77830287e-08, 5.43079673e-10, -0.0200518269, 0.000892859837,
    3.45433048e-06, -3.77925774e-07, -1.69699377e-09, 0.000169992415, -4.99204314e-05, 2.47417178e-07,
    1.07596466e-08, 8.49242932e-05, 1.35191328e-06, -6.21531254e-09, -4.99410301e-06, -1.89489258e-08,
    8.15300114e-08, 0.00075504309, -5.65095215e-05, -4.52166564e-07, 2.46688878e-08, 2.42674348e-10,
    0.00015454725, 5.2411097e-06, -8.75874982e-08, -1.50743064e-09, -1.56236307e-05, -1.33895614e-07,
    2.49709824e-09, 6.51711721e-07, 1.94960053e-09, -1.00361113e-08, -1.21206673e-05, -2.1820366e-07,
    7.51269482e-09, 9.79063848e-11, 1.25006734e-06, -1.81584736e-09, -3.52197671e-10, -3.3651463e-08,
    1.35908359e-10, 4.1703262e-10, -1.30369025e-09, 4.13908461e-10, 9.22652254e-12, -5.08220384e-09,
    -2.24730961e-11, 1.17139133e-10, 6.62154879e-10, 4.0386326e-13, 1.95087203e-12, -4.73602469e-12,
    5.12733497, -0.312788561, -0.0196701861, 0.00099969087, 9.51738512e-06, -4.66426341e-07,
    0.548050612, -0.00330552823, -0.0016411944, -5.16670694e-06, 9.52692432e-07, -0.0429223622,
    0.00500845667, 1.00601257e-06, -1.81748644e-06, -0.00125813502, -0.000179330391, 2.34994441e-06,
    0.000129735808, 1.2906487e-06, -2.28558686e-06, -0.0369476348, 0.00162325322, -3.1427968e-05,
    2.59835559e-06, -4.77136523e-08, 0.0086420339, -0.000687405181, -9.13863872e-06, 5.15916806e-07,
    -3.59217476e-05, 3.28696511e-05, -7.10542454e-07, -1.243823e-05, -7.385844e-09, 2.20609296e-07,
    -0.00073246918, -1.87381964e-05, 4.80925239e-06, -8.7549204e-08, 2.7786293e-05, -5.06004592e-06,
    1.14325367e-07, 2.53016723e-06, -1.72857035e-08, -3.95079398e-08, -3.59413173e-07, 7.04388046e-07,
    -1.89309167e-08, -4.79768731e-07, 7.96079978e-09, 1.62897058e-09, 3.94367674e-08, -1.18566247e-09,
    3.34678041e-10, -1.15606447e-10, -2.80626406, 0.548712484, -0.0039942841, -0.000954009191,
    1.93090978e-05, -0.308806365, 0.0116952364, 0.000495271903, -1.90710882e-05, 0.00210787756,
    -0.000698445738, 2.30109073e-05, 0.00041785659, -1.27043871e-05, -3.04620472e-06, 0.0514507424,
    -0.00432510997, 8.99281156e-05, -7.14663943e-07, -0.000266016305, 0.000263789586, -7.01199003e-06,
    -0.000106823306, 3.61341136e-06, 2.29748967e-07, 0.000304788893, -6.42070836e-05, 1.16257971e-06,
    7.68023384e-06, -5.47446896e-07, -3.5993791e-08, -4.36497725e-06, 1.68737969e-07, 2.67489271e-08,
    3.23926897e-09, -0.0353874123, -0.22120119, 0.0155126038, -0.000263917279, 0.0453433455,
    -0.00432943862, 0.000145389826, 0.00021750861, -6.66724702e-05, 3.3321714e-05, -0.00226921615,
    0.000380261982, -5.45314314e-09, -0.000796355448, 2.53458034e-05, -6.31223658e-06, 0.000302122035,
    -4.77403547e-06, 1.73825715e-06, -4.09087898e-07, 0.614155345, -0.0616755931, 0.00133374846,
    0.00355375387, -0.000513027851, 0.000102449757, -0.00148526421, -4.11469183e-05, -6.80434415e-06,
    -9.77675906e-06, 0.0882773108, -0.00301859306, 0.00104452989, 0.000247090539, 0.00148348065,
)
# fmt: on
_COEFFICIENTS = np.array(COEFFICIENTS)


def utci(air: Floats, radiant: Floats, wind: float, humidity: float) -> Floats:
    """°C for each cell, NaN where the index does not hold.

    air and radiant (mean radiant temperature) in °C and of one shape, wind in m/s at 10 m, relative
    humidity in per cent.
    """
    out = np.empty(air.shape, np.float32)
    over_rows(len(air), lambda a, b: _utci_rows(air, radiant, wind, humidity, out, a, b))
    return out


@compiled
def _utci_rows(
    air: Floats,
    radiant: Floats,
    wind: float,
    humidity: float,
    out: Floats,
    first: int,
    end: int,
) -> None:
    for row in range(first, end):
        for column in range(air.shape[1]):
            out[row, column] = _utci(
                float(air[row, column]), float(radiant[row, column]), wind, humidity
            )


@compiled
def _utci(air: float, radiant: float, wind: float, humidity: float) -> float:
    vapour = _saturation(air) * humidity / 100
    apart = radiant - air
    known = -50 <= air <= 50 and -30 <= apart <= 70 and 0.5 <= wind <= 17 and vapour <= 5
    if not known or not 0 <= humidity <= 100:
        return np.nan
    total, number = air, 0
    of_vapour = 1.0
    for d in range(DEGREE + 1):
        of_apart = of_vapour
        for c in range(DEGREE + 1 - d):
            of_wind = of_apart
            for b in range(DEGREE + 1 - d - c):
                product = of_wind
                for _ in range(DEGREE + 1 - d - c - b):
                    total += _COEFFICIENTS[number] * product
                    number += 1
                    product *= air
                of_wind *= wind
            of_apart *= apart
        of_vapour *= vapour
    return total


@compiled
def _saturation(air: float) -> float:
    """Vapour pressure over water in kPa (Hardy 1998, on ITS-90), as UTCI's own program has it."""
    kelvin = air + 273.15
    total = 2.7150305 * np.log(kelvin)
    total += -2836.5744 / kelvin**2 - 6028.076559 / kelvin + 19.54263612
    total += -0.02737830188 * kelvin + 1.6261698e-5 * kelvin**2
    total += 7.0229056e-10 * kelvin**3 - 1.8680009e-13 * kelvin**4
    return float(np.exp(total) / 1_000)
