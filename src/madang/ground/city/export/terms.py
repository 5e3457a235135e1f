"""Where rows come from and on which terms: the words that go with every map and every export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from madang.ground.city.layers import Layer
from madang.ground.city.models import City, DataSet
from madang.ground.city.queries.summaries import row_counts


@dataclass(frozen=True)
class Terms:
    """The data sets of a city, as an export speaks of them."""

    data_sets: dict[UUID, DataSet]

    def of(self, row_data_set: UUID) -> DataSet:
        return self.data_sets[row_data_set]

    @property
    def attributions(self) -> list[str]:
        """The words the terms ask for, each once."""
        words = [each.attribution for each in self.data_sets.values() if each.attribution]
        return list(dict.fromkeys(words))

    @property
    def simulated(self) -> bool:
        """Whether anything here is made by a simulation."""
        return any(each.simulated for each in self.data_sets.values())

    def described(self) -> list[dict[str, Any]]:
        return [describe(each) for each in self.data_sets.values()]


def describe(each: DataSet) -> dict[str, Any]:
    """A data set in the words of the API; what is unknown is null."""
    return {
        "key": each.key,
        "names": each.names,
        "source": each.source or None,
        "licence": each.licence or None,
        "attribution": each.attribution or None,
        "as_of": each.as_of.isoformat() if each.as_of else None,
        "provenance": "simulated" if each.simulated else "reported",
    }


def layer_terms(city: City, *chosen: Layer) -> Terms:
    """The terms of the data sets that have rows in the tables of these layers."""
    labels = {each.model._meta.label_lower for each in chosen}
    held = row_counts(city)
    return terms(city, {data_set for data_set, rows in held.items() if labels & rows.keys()})


def terms(city: City, only: set[UUID] | None = None) -> Terms:
    """The terms of the city's data sets, or of those that are named."""
    found = DataSet.objects.filter(city=city).order_by("key")
    return Terms({each.id: each for each in found if only is None or each.id in only})
