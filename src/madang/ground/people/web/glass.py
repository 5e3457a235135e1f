"""Emergency access to cameras: opened with a reason, looked into by a privacy officer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people import queries
from madang.ground.people.domain.grants import break_glass, review_glass
from madang.ground.people.errors import PeopleError
from madang.ground.people.gates import acting, requires
from madang.ground.people.models import Account, BreakGlass
from madang.ground.people.rights import may
from madang.ground.people.web.forms import GlassForm, ReviewForm
from madang.ground.people.web.tabs import tabs


@requires("people.glass.view")
def index(request: CityRequest, city: str) -> HttpResponse:
    """What was opened and what became of it; whoever may, opens here."""
    opens = may(request.user, "people.break_glass", request.city)
    form = GlassForm(request.POST or None) if opens else None
    if form is not None and form.is_valid() and _open(request, form):
        return redirect(request.path)
    reviews = may(request.user, "people.review_glass", request.city)
    assert isinstance(request.user, Account)
    context = {
        "tabs": tabs(request),
        "form": form,
        "may_review": reviews,
        "glasses": queries.glasses(request.city.pk, None if reviews else request.user.pk),
    }
    return render(request, "people/glass.html", context)


def _open(request: CityRequest, form: GlassForm) -> bool:
    assert isinstance(request.user, Account)
    try:
        break_glass(acting(request), request.user, request.city, form.reason)
    except PeopleError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("The cameras are open to you for 30 minutes."))
    return True


@requires("people.review_glass")
def review(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Write down what was found."""
    glass = get_object_or_404(
        BreakGlass.objects.select_related("account"), pk=pk, city=request.city
    )
    form = ReviewForm(request.POST or None)
    if form.is_valid():
        words = form.cleaned_data
        try:
            review_glass(acting(request), glass, words["finding"], words["justified"] == "yes")
            messages.success(request, _("Saved."))
            return redirect("people:glass", city=city)
        except PeopleError as error:
            form.add_error(None, str(error))
    context = {"tabs": tabs(request), "form": form, "glass": glass}
    return render(request, "people/review_glass.html", context)
