"""The monthly review of the trail (점검): its numbers, and what the privacy officer found."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.models import Account
from madang.ground.people.public import acting, may, requires
from madang.ground.privacy.domain.duties import PrivacyError, review_month
from madang.ground.privacy.models import MonthReview
from madang.ground.privacy.queries import month_report
from madang.ground.privacy.web.shell import tabs

SHOWN = 24
FIRST_YEAR = 2000


class FindingForm(forms.Form):
    finding = forms.CharField(
        label=_("What was found"), widget=forms.Textarea({"rows": 4}), min_length=5, max_length=5000
    )


@requires("trail.view")
def index(request: CityRequest, city: str) -> HttpResponse:
    """The last two years, month by month; of a younger city, the months since it is here."""
    done = {one.month: one for one in MonthReview.objects.filter(city=request.city)}
    began = timezone.localdate(request.city.created).replace(day=1)
    day = timezone.localdate().replace(day=1)
    months = [(day, done.get(day))]
    while day > began and len(months) < SHOWN:
        day = (day - timedelta(days=1)).replace(day=1)
        months.append((day, done.get(day)))
    return render(request, "privacy/months.html", {"months": months, "tabs": tabs(request)})


@requires("trail.view")
def month(request: CityRequest, city: str, year: int, month: int) -> HttpResponse:
    """One month's report; the privacy officer writes the review below it."""
    if not (FIRST_YEAR <= year <= timezone.localdate().year and 1 <= month <= 12):
        raise Http404
    first = date(year, month, 1)
    review = MonthReview.objects.filter(city=request.city, month=first).first()
    waits = review is None and first < timezone.localdate().replace(day=1)
    reviews = waits and may(request.user, "privacy.review", request.city)
    form = FindingForm(request.POST or None) if reviews else None
    if form is not None and form.is_valid() and _review(request, form, first):
        return redirect(request.path)
    context = {
        "first": first,
        "report": month_report(request.city, first),
        "review": review,
        "form": form,
        "tabs": tabs(request),
    }
    return render(request, "privacy/month.html", context)


def _review(request: CityRequest, form: FindingForm, first: date) -> bool:
    assert isinstance(request.user, Account)
    try:
        review_month(
            acting(request), request.user, request.city, first, form.cleaned_data["finding"]
        )
    except PrivacyError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Saved."))
    return True
