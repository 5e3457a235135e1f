"""What sensing says on the log: what devices told us, checked, as columns."""

from __future__ import annotations

from madang.ground.bus.columns import Float32, Float64, Int32, Int64, UInt8, Words
from madang.ground.bus.messages import Batch
from madang.ground.bus.streams import Stream


class Positions(Batch, frozen=True, kw_only=True, tag="positions"):
    """Where devices were.

    device is the device's number, time ms since 1970 UTC by the device's clock, lon and lat degrees
    (WGS 84), x and y metres in the city's CRS, speed m/s, heading degrees clockwise from north,
    accuracy metres (radius of 68 %), simulated 0 or 1. What a device did not say is NaN.
    """

    device: Int32
    time: Int64
    lon: Float64
    lat: Float64
    x: Float64
    y: Float64
    speed: Float32
    heading: Float32
    accuracy: Float32
    simulated: UInt8


class Readings(Batch, frozen=True, kw_only=True, tag="readings"):
    """What devices measured; channel is the channel's number, which knows the unit and the method."""

    device: Int32
    channel: Int32
    time: Int64
    value: Float64
    simulated: UInt8


class States(Batch, frozen=True, kw_only=True, tag="states"):
    """What devices say they are: name and value are words ("mission", "en_route"), about what it is."""

    device: Int32
    time: Int64
    name: Words
    value: Words
    about: Words
    simulated: UInt8


class Counts(Batch, frozen=True, kw_only=True, tag="counts"):
    """How many things passed in the seconds that ended at time."""

    device: Int32
    channel: Int32
    time: Int64
    seconds: Float32
    count: Int32
    simulated: UInt8


class Quarantined(Batch, frozen=True, kw_only=True, tag="quarantined"):
    """What devices said and was not believed: rows is how many facts, sample the beginning of it.

    device is 0 where nobody of that name is known; key is the name it went by.
    """

    device: Int32
    key: Words
    what: Words
    reason: Words
    rows: Int32
    time: Int64
    sample: Words


STREAMS = (
    Stream(Positions, hours=24, megabytes=4000),
    Stream(Readings, hours=72, megabytes=2000),
    Stream(States, hours=24 * 14, megabytes=500, refuses_when_full=True),
    Stream(Counts, hours=72, megabytes=1000),
    Stream(Quarantined, hours=72, megabytes=200),
)
