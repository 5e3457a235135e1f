"""The city's data sets: what there is, where it comes from, of which day, on which terms."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import Http404
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madang.ground.city import layers
from madang.ground.city.domain.data_sets import change_words
from madang.ground.city.models import City, DataSet
from madang.ground.city.queries.summaries import Holding, holdings, imports
from madang.ground.city.recognisers import registry
from madang.ground.city.web import wording
from madang.ground.city.web.forms import DataSetForm
from madang.ground.city.web.middleware import CityRequest
from madang.ground.city.web.panels import panels_of
from madang.ground.people.public import acting, may, public_page

SHOWN_IMPORTS = 10


@require_safe
@public_page
def index(request: CityRequest, city: str) -> HttpResponse:
    """All data sets, the layers they make, and the imports of late."""
    held = holdings(request.city)
    context = {
        "sets": [_line(each) for each in held],
        "total": sum(each.total for each in held),
        "waiting": imports(request.city).filter(state__in=["previewed", "reading", "waiting"])[:5]
        if may(request.user, "city.import", request.city)
        else [],
        "layers": [each for each in layers.layers() if each.open_to(request.user)],
        "may_import": may(request.user, "city.import", request.city),
        "may_set": may(request.user, "city.settings", request.city),
    }
    return render(request, "city/data.html", context)


@require_safe
@public_page
def recognised(request: CityRequest, city: str) -> HttpResponse:
    """What files can be imported, and by which columns they are known."""
    return render(request, "city/recognised.html", {"recognisers": registry.recognisers()})


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def data_set(request: CityRequest, city: str, key: str) -> HttpResponse:
    """One data set: its words, which may be corrected, its rows and its imports."""
    held = next((one for one in holdings(request.city) if one.data_set.key == key), None)
    if held is None:
        raise Http404(_("There is no data set “%s”.") % key)
    may_set = may(request.user, "city.settings", request.city)
    form = DataSetForm(request.POST or None, instance=held.data_set)
    if request.method == "POST" and may_set and form.is_valid():
        change_words(held.data_set, form.words(), acting(request))
        messages.success(request, _("Saved."))
        return redirect("city_data_set", city=city, key=key)
    context = {
        **_line(held),
        "form": form if may_set else None,
        "panels": panels_of(request, held.data_set),
        "may_import": may(request.user, "city.import", request.city),
        "imports": imports(request.city).filter(data_set=held.data_set)[:SHOWN_IMPORTS],
    }
    return render(request, "city/data_set.html", context)


def _line(held: Holding) -> dict[str, object]:
    return {
        "set": held.data_set,
        "name": name_of(held.data_set),
        "rows": wording.rows(held.rows),
        "total": held.total,
        "last": held.last,
    }


def name_of(data_set: DataSet | City) -> str:
    return data_set.name(get_language() or "ko")
