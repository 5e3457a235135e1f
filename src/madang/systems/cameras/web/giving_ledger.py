"""The statutory ledger (목적 외 이용 및 제3자 제공 대장, 영 §15), and what of it is published (법 §18④)."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from madang.ground.city.models import City
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import public_page, requires
from madang.ground.web.tables import Column, Listing
from madang.systems.cameras.giving.manifest import public_key
from madang.systems.cameras.models import Giving, GivingBasis
from madang.systems.cameras.web.shell import tabs

FILE = _("Video of fixed cameras")


def _period(one: Giving) -> str:
    day = f"{timezone.localtime(one.decided):%Y-%m-%d}" if one.decided else "–"
    return f"{day} – {timezone.localtime(one.until):%Y-%m-%d}" if one.until else day


def _limits(one: Giving) -> str:
    if one.reported is None:
        return one.limits
    return _("%(limits)s Destroyed on %(day)s: %(how)s") % {
        "limits": one.limits,
        "day": one.reported.isoformat(),
        "how": one.reported_how,
    }


def _basis(one: Giving) -> str:
    return " · ".join(part for part in (one.get_basis_display(), one.clause) if part)


LEDGER: Listing[Giving] = Listing(
    "third-party-ledger",
    _("Use for another purpose, and giving to third parties"),
    columns=(
        Column("file", _("Name of the file of personal data"), lambda one: FILE),
        Column("receiver", _("Who uses or receives it"), lambda one: one.receiver),
        Column("purpose", _("Purpose of the giving"), lambda one: f"{one.purpose} ({one})"),
        Column("basis", _("Legal basis"), _basis),
        Column("items", _("Items"), lambda one: one.items),
        Column("period", _("Date or period"), _period, sort="decided"),
        Column("form", _("Form"), lambda one: one.get_deed_display()),
        Column("limits", _("Limits and measures asked for"), _limits),
    ),
    order="-decided",
    empty=_("Nothing was given."),
)


def entries(city: City) -> QuerySet[Giving]:
    """What was approved for others than the person seen."""
    rows = Giving.objects.filter(city=city, decided__isnull=False).exclude(state="refused")
    return rows.exclude(basis=GivingBasis.OWN)


@requires("cameras.giving_ledger")
def ledger(request: CityRequest, city: str) -> HttpResponseBase:
    """The eight columns, and the same as a file."""
    table = LEDGER.read(request, entries(request.city))
    context = {"table": table, "tabs": tabs(request)}
    return table.download or render(request, "cameras/giving_ledger.html", context)


@public_page
def published(request: CityRequest, city: str) -> HttpResponse:
    """For everybody: day, basis, purpose and items of what was given, investigations as a number only."""
    rows = entries(request.city).order_by("-decided")
    secret = rows.filter(basis=GivingBasis.INVESTIGATION)
    context = {
        "tabs": tabs(request),
        "rows": [(one, _basis(one)) for one in rows.exclude(basis=GivingBasis.INVESTIGATION)[:500]],
        "investigations": secret.count(),
        "key": public_key(settings.TRAIL_ORIGIN, settings.EXPORTS_SECRET),
    }
    return render(request, "cameras/giving_published.html", context)
