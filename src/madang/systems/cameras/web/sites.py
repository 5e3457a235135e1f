"""Camera sites: the list, one site with its cameras, its sign, and what the national register wants."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from madang.ground.city.public import districts_of
from madang.ground.city.web.middleware import CityRequest
from madang.ground.measure import Measure
from madang.ground.people.models import ControlDomain, LawBasis
from madang.ground.people.public import acting, may, public_page, requires
from madang.ground.web.tables import Column, Filter, Link, Listing
from madang.systems.cameras import national as national_columns
from madang.systems.cameras import queries
from madang.systems.cameras.console import PURPOSES
from madang.systems.cameras.domain import devices as domain
from madang.systems.cameras.domain.life import consult
from madang.systems.cameras.models import Consultation, LifeState, Purpose, Site
from madang.systems.cameras.web.shell import tabs

DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class SiteForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Site
        fields = ["basis", "domain", "hours"]


class ConsultationForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Consultation
        fields = ["way", "begins", "ends", "opinions", "result", "document"]
        widgets = {"begins": DAY, "ends": DAY, "result": forms.Textarea({"rows": 2})}

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        begins, ends = found.get("begins"), found.get("ends")
        if begins and ends and ends < begins:
            self.add_error("ends", _("It ends before it begins."))
        return found


def address(site: Site) -> str:
    return site.road_address or site.lot_address or site.key


def purpose(site: Site) -> object:
    return PURPOSES[Purpose(site.purpose)][0]


def _link(one: Site) -> Link:
    return Link(one.key, reverse("cameras:site", kwargs={"city": one.city.key, "pk": one.pk}))


def _search(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    found = Q(key__icontains=words)
    return rows.filter(found | Q(road_address__icontains=words) | Q(lot_address__icontains=words))


def purposes() -> list[tuple[str, Any]]:
    return [(one.value, title) for one, (title, _colour, _shape) in PURPOSES.items()]


def _listing(request: CityRequest) -> Listing[Site]:
    return Listing(
        "camera-sites",
        _("Camera sites"),
        columns=(
            Column("key", _("Number"), _link, sort="key"),
            Column("address", _("Address"), address, sort="road_address"),
            Column("purpose", _("Purpose"), purpose, sort="purpose"),
            Column("cameras", _("Cameras"), lambda one: one.cameras, sort="cameras", number=True),
            Column("basis", _("Legal basis"), lambda one: one.get_basis_display() or None),
            Column("domain", _("Control domain"), lambda one: one.get_domain_display() or None),
            Column("institution", _("Run by"), lambda one: one.institution or None),
        ),
        filters=(
            Filter("q", _("Number or address"), _search),
            Filter("purpose", _("Purpose"), lambda rows, key: rows.filter(purpose=key), purposes),
            Filter(
                "district",
                _("District"),
                lambda rows, key: rows.filter(pk__in=queries.sites_in(request.city, key)),
                lambda: queries.district_choices(request.city),
            ),
        ),
        order="key",
        empty=_("No camera site is in the register yet."),
        point=lambda one: (one.lon, one.lat),
        provenance=lambda one: "simulated" if one.data_set.simulated else "reported",
    )


@public_page
def index(request: CityRequest, city: str) -> HttpResponseBase:
    """Every site of the register."""
    rows = Site.objects.filter(city=request.city).select_related("city", "data_set")
    table = _listing(request).read(request, rows)
    context = {
        "table": table,
        "tabs": tabs(request),
        "may_manage": may(request.user, "cameras.manage", request.city),
    }
    return table.download or render(request, "cameras/sites.html", context)


@public_page
def national(request: CityRequest, city: str) -> HttpResponse:
    """The whole register in the columns of 전국CCTV표준데이터."""
    rows = Site.objects.filter(city=request.city).select_related("data_set").order_by("key")
    text = "".join(national_columns.export(rows.iterator(2000)))  # about 1 MB of 5,000 sites
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    name = f"cctv-{request.city.key}-{timezone.localdate().isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@public_page
def site(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """One site: what the register says, and to those who keep it, its cameras and consultations."""
    return _page(request, _site(request, pk))


@requires("cameras.manage")
@require_POST
def change(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Record legal basis, control domain and hours of a site."""
    found = _site(request, pk)
    form = SiteForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form)
    domain.change_site(found, acting(request), **form.cleaned_data)
    messages.success(request, say("Recorded."))
    return redirect("cameras:site", city=city, pk=pk)


@requires("cameras.manage")
@require_POST
def consultation(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """Record how residents and experts were heard."""
    found = _site(request, pk)
    form = ConsultationForm(request.POST)
    if not form.is_valid():
        return _page(request, found, heard=form)
    consult(found, acting(request), **form.cleaned_data)
    messages.success(request, say("Recorded."))
    return redirect("cameras:site", city=city, pk=pk)


def _site(request: CityRequest, pk: UUID) -> Site:
    rows = Site.objects.filter(city=request.city).select_related("data_set", "city")
    return get_object_or_404(rows, pk=pk)


def _page(request: CityRequest, found: Site, **forms_: Any) -> HttpResponse:
    keeps = may(request.user, "cameras.manage", request.city)
    sees = may(request.user, "cameras.register", request.city)
    context = {
        "may_watch": may(request.user, "cameras.watch", request.city),
        "tabs": tabs(request),
        "site": found,
        "address": address(found),
        "purpose": purpose(found),
        "facts": facts(found),
        "cameras": queries.cameras(request.city.pk).filter(site=found).order_by("number")
        if sees
        else None,
        "consultations": found.consultations.order_by("-ends") if sees else None,
        "form": forms_.get("form", SiteForm(instance=found)) if keeps else None,
        "heard": forms_.get("heard", ConsultationForm()) if keeps else None,
    }
    status = 422 if forms_ else 200
    return render(request, "cameras/site.html", context, status=status)


def facts(found: Site) -> list[tuple[object, object]]:
    """What the register says of a site, None where it does not say."""
    district = districts_of(found.city).at(found.lon, found.lat)
    return [
        (_("Number"), found.key),
        (_("Installation purpose"), purpose(found)),
        (_("Legal basis"), dict(LawBasis.choices).get(found.basis)),
        (_("Control domain"), dict(ControlDomain.choices).get(found.domain)),
        (_("Hours of filming"), found.hours or None),
        (_("Cameras"), found.cameras),
        (_("Resolution"), Measure(value=found.megapixels, unit="MP")),
        (_("Direction"), found.direction or None),
        (_("Kept"), Measure(value=found.kept_days, unit="d")),
        (_("Installed"), f"{found.installed:%Y-%m}" if found.installed else None),
        (_("Run by"), found.institution or None),
        (_("Telephone"), found.phone or None),
        (_("Road address"), found.road_address or None),
        (_("Lot address"), found.lot_address or None),
        (_("District"), str(district) if district else None),
        (_("As of"), found.as_of.isoformat() if found.as_of else None),
    ]


@public_page
def sign(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    """The sign (안내판) with the items of 법 §25④ and 영 §24, to print; what is missing is named above it."""
    found = _site(request, pk)
    standing = found.devices.exclude(state=LifeState.REMOVED).select_related("contractor")
    firms = {
        (one.contractor.name("ko"), one.contractor_phone) for one in standing if one.contractor
    }
    missing = [
        title
        for title, value in (
            (_("Hours of filming"), found.hours),
            (_("Range of filming"), found.direction),
            (_("Responsible institution"), found.institution),
            (_("Its telephone"), found.phone),
            (_("Contractor's telephone"), all(phone for _name, phone in firms)),
        )
        if not value
    ]
    context = {
        "site": found,
        "address": address(found),
        "sign_purpose": national_columns.WORDS[Purpose(found.purpose)],
        "firms": sorted(firms),
        "missing": missing,
        "may_manage": may(request.user, "cameras.manage", request.city),
    }
    return render(request, "cameras/sign.html", context)
