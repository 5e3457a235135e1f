"""What other rooms keep in step with the rows of data sets, in the transaction that changes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from madang.ground.city.models import DataSet, FromDataSet

Follower = Callable[[DataSet], None]

_followers: dict[type[FromDataSet], Follower] = {}


def follow(model: type[FromDataSet], follower: Follower) -> None:
    """Have follower called when rows of model came, changed or were taken back; it gets their data set.

    What it raises undoes the import, or the undoing, whole.
    """
    _followers[model] = follower


def tell(data_set: DataSet, models: Iterable[type[FromDataSet]]) -> None:
    """Say that rows of these tables, all of data_set, are not what they were."""
    told = dict.fromkeys(_followers[model] for model in models if model in _followers)
    for follower in told:
        follower(data_set)
