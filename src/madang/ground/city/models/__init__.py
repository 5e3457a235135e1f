"""The city's tables. Coordinates are lon/lat in degrees (WGS84) to show and x/y in metres to measure."""

from madang.ground.city.models.areas import Shape
from madang.ground.city.models.city import RESERVED_KEYS, City
from madang.ground.city.models.data_sets import DataSet, Import, PreviousRow, Rejection
from madang.ground.city.models.districts import District, Population
from madang.ground.city.models.places import Place
from madang.ground.city.models.roads import RoadLink, RoadNode
from madang.ground.city.models.rows import FromDataSet, Located, MaybeOutlined, Outlined

__all__ = [
    "RESERVED_KEYS",
    "City",
    "DataSet",
    "District",
    "FromDataSet",
    "Import",
    "Located",
    "MaybeOutlined",
    "Outlined",
    "Place",
    "Population",
    "PreviousRow",
    "Rejection",
    "RoadLink",
    "RoadNode",
    "Shape",
]
