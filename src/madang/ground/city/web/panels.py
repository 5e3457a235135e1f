"""What systems show on the page of a data set, below its words: a panel of what its rows say."""

from __future__ import annotations

from collections.abc import Callable

from madang.ground.city.models import DataSet, FromDataSet
from madang.ground.city.web.middleware import CityRequest

Panel = Callable[[CityRequest, DataSet], str]
"""Gives the panel as safe HTML; empty where there is nothing for whoever asks."""

_panels: dict[type[FromDataSet], Panel] = {}


def register_panel(model: type[FromDataSet], panel: Panel) -> None:
    """Show panel on the pages of data sets; it looks itself whether the set has rows of model."""
    _panels[model] = panel


def panels_of(request: CityRequest, data_set: DataSet) -> list[str]:
    found = (
        panel(request, data_set)
        for model, panel in _panels.items()
        if model._default_manager.filter(data_set=data_set).exists()
    )
    return [html for html in found if html]
