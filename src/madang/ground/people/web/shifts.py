"""The duty plan of a city."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people import queries
from madang.ground.people.domain.shifts import cancel_shift, plan_shift
from madang.ground.people.errors import PeopleError
from madang.ground.people.gates import acting, requires
from madang.ground.people.models import DutyShift
from madang.ground.people.rights import may
from madang.ground.people.web.forms import ShiftForm
from madang.ground.people.web.tabs import tabs

SHOWN = timedelta(days=14)
ON_SHIFT = ("operator", "shift_leader", "dispatcher", "seconded_police", "seconded_fire", "agent")


@requires("people.shifts.view")
def index(request: CityRequest, city: str) -> HttpResponse:
    """Who is on duty now and in the next two weeks; planners add a shift here."""
    plans = may(request.user, "people.plan_shifts", request.city)
    held = queries.current_memberships(request.city.pk).filter(role__in=ON_SHIFT)
    form = ShiftForm(held.order_by("account__name"), request.POST or None) if plans else None
    if form is not None and form.is_valid() and _plan(request, form):
        return redirect(request.path)
    now = timezone.now()
    context = {
        "tabs": tabs(request),
        "form": form,
        "shifts": queries.shifts(request.city.pk, now, now + SHOWN),
        "now": now,
    }
    return render(request, "people/shifts.html", context)


def _plan(request: CityRequest, form: ShiftForm) -> bool:
    words = form.cleaned_data
    try:
        plan_shift(
            acting(request), words["membership"], words["begins"], words["ends"], words["note"]
        )
    except PeopleError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Saved."))
    return True


@require_POST
@requires("people.plan_shifts")
def cancel(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Take a shift off the plan."""
    shift = get_object_or_404(DutyShift, pk=pk, city=request.city)
    try:
        cancel_shift(acting(request), shift)
        messages.success(request, _("Cancelled."))
    except PeopleError as error:
        messages.error(request, str(error))
    return redirect("people:shifts", city=city)
