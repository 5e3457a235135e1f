"""A plan's file on its way in: sent, shown with what it would do, drawn whole or put away."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from madang.ground.city.domain.uploads import safe_name
from madang.ground.city.reasons import SENTENCES, Because, say
from madang.ground.city.web.forms import SYSTEMS
from madang.ground.city.web.middleware import CityRequest
from madang.ground.people.public import acting, requires
from madang.systems.climate.domain import catalogue, plan_files
from madang.systems.climate.engine.refusal import Refusal
from madang.systems.climate.models import Edit, PlanFile, Scenario
from madang.systems.climate.sentences import said
from madang.systems.climate.web.plan_pages import plan_of_page
from madang.systems.climate.wording import class_names, done

LARGEST = 32 << 20
if TYPE_CHECKING:
    Sent = UploadedFile[Any]
SHOWN_FAULTS = 200


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "GeoJSON, GeoPackage, or a shapefile with all its parts in one .zip."
        ),
    )
    crs = forms.ChoiceField(
        label=gettext_lazy("Coordinate system"), choices=SYSTEMS, required=False,
        help_text=gettext_lazy("Only where the file does not say it, such as a shapefile without .prj."),
    )  # fmt: skip

    def clean_file(self) -> Sent:
        file: Sent = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            limit = f"{LARGEST >> 20} MiB"
            raise forms.ValidationError(_("The file is larger than %(limit)s.") % {"limit": limit})
        return file


@require_http_methods(["GET", "HEAD", "POST"])
@requires("climate.plan")
def bring(request: CityRequest, city: str, pk: UUID) -> HttpResponse:
    plan = plan_of_page(request, pk)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = take(plan, form.cleaned_data["file"], form.cleaned_data["crs"], request)
        except (Refusal, Because) as reason:
            form.add_error("file", told(reason))
        else:
            return redirect("climate:plan_file", city=city, pk=pk, file=row.pk)
    columns = [
        (", ".join(titles), COLUMN_WORDS[name]) for name, titles in plan_files.COLUMNS.items()
    ]
    context = {"plan": plan, "form": form, "columns": columns, "species": _species()}
    return render(request, "climate/bring.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("climate.plan")
def brought(request: CityRequest, city: str, pk: UUID, file: UUID) -> HttpResponse:
    """What a file would do to the plan; drawn or put away by POST."""
    plan = plan_of_page(request, pk)
    row = PlanFile.objects.filter(pk=file, scenario=plan).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        return _answered(request, plan, row)
    held = [Edit(kind=one.kind, rings=one.rings, code=one.code, what=one.what)
            for one in plan_files.things(row)]  # fmt: skip
    context = {
        "plan": plan, "file": row, "doings": done(held, class_names(plan)), "count": len(held),
        "faults": [(number, sentence(code, words)) for number, code, words in row.rejected][:SHOWN_FAULTS],
        "fault_count": len(row.rejected),
    }  # fmt: skip
    return render(request, "climate/brought.html", context)


def take(plan: Scenario, file: Sent, crs: str, request: CityRequest) -> PlanFile:
    """Read what was sent, in a folder that is gone afterwards."""
    name = safe_name(file.name or "")
    with tempfile.TemporaryDirectory(prefix="madang-plan-") as folder:
        path = Path(folder) / name
        with path.open("wb") as kept:
            for piece in file.chunks():
                kept.write(piece)
        return plan_files.bring(plan, path, name, crs, acting(request))


def sentence(code: str, words: dict[str, str]) -> str:
    """Why a feature is rejected: the climate's words, or those of the city's readers."""
    return say(code, words) if code in SENTENCES else said(Refusal(code, **words))


def told(reason: Refusal | Because) -> str:
    return said(reason) if isinstance(reason, Refusal) else str(reason)


def _answered(request: CityRequest, plan: Scenario, row: PlanFile) -> HttpResponse:
    city, pk = plan.city.key, plan.pk
    if request.POST.get("answer") != "draw":
        row.delete()
        return redirect("climate:plan", city=city, pk=pk)
    seen = request.POST.get("seen", "")
    try:
        edits = plan_files.apply(
            row.pk,
            plan.pk,
            int(seen) if seen.isdecimal() and len(seen) < 10 else -1,
            acting(request),
        )
    except Refusal as refusal:
        messages.error(request, said(refusal))
        return redirect("climate:plan_file", city=city, pk=pk, file=row.pk)
    text = ngettext("%d thing was drawn.", "%d things were drawn.", len(edits)) % len(edits)
    messages.success(request, text)
    return redirect("climate:plan", city=city, pk=pk)


def _species() -> list[dict[str, Any]]:
    return [
        {"key": key, "title": each.title, "words": ", ".join(plan_files.SPECIES.get(key, ()))}
        for key, each in catalogue.SPECIES.items()
    ]


COLUMN_WORDS = {
    "kind": gettext_lazy(
        "trees, roof, cool or land; may be left out where the other columns say it"
    ),
    "species": gettext_lazy("kind of tree, for trees"),
    "spacing": gettext_lazy("metres between trees along a line; 8 unless said"),
    "dbh": gettext_lazy("cm of the trunk at planting; 8 unless said"),
    "yearly": gettext_lazy("cm that a trunk grows in a year; 0.6 unless said"),
    "crown": gettext_lazy("metres across of a grown crown; 6 unless said"),
    "roof": gettext_lazy("light, mixed or heavy, for green roofs"),
    "share": gettext_lazy("share of the roof that is covered, above 0, at most 1"),
    "code": gettext_lazy("class of land cover that the area becomes: its number or its name"),
    "unit_cost": gettext_lazy("won for a tree, or for a square metre"),
}
