"""A page with every part of the shell on it, for pictures and for axe."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path

from madang.ground.city.models import City
from madang.ground.measure import Measure
from madang.ground.web.charts import Chart, Series
from madang.ground.web.tables import Badge, Column, Filter, Link, Listing
from madang.run.urls import CITY

settings.TEMPLATES[0]["DIRS"] = [Path(__file__).with_name("templates")]
NOON = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
HOURS = [f"{hour:02}" for hour in range(24)]


class ReportForm(forms.Form):
    name = forms.CharField(label="이름", help_text="주민등록에 있는 이름을 적습니다.")
    email = forms.EmailField(label="전자우편")
    kind = forms.ChoiceField(label="종류", choices=[("a", "고장"), ("b", "제안")])
    way = forms.ChoiceField(
        label="답을 받을 방법", choices=[("s", "문자"), ("m", "전자우편")], widget=forms.RadioSelect
    )
    text = forms.CharField(label="내용", widget=forms.Textarea, required=False)
    agree = forms.BooleanField(label="개인정보 수집에 동의합니다.")


CITIES = Listing(
    "cities",
    "도시",
    columns=(
        Column[City]("key", "주소", lambda city: Link(city.key, f"/{city.key}/"), sort="key"),
        Column[City]("name", "이름", lambda city: city.name("ko"), sort="names__ko"),
        Column[City](
            "state",
            "상태",
            lambda city: Badge("모의", "attention") if city.simulated else Badge("실제", "ok"),
        ),
        Column[City](
            "heat",
            "기온",
            lambda city: Measure(value=31.2, unit="Cel", uncertainty=0.4, provenance="simulated"),
            number=True,
        ),
        Column[City]("people", "인구", lambda city: None, number=True),
        Column[City]("created", "생성", lambda city: NOON, sort="created"),
    ),
    filters=(
        Filter("q", "주소", lambda rows, text: rows.filter(key__icontains=text)),
        Filter(
            "simulated",
            "종류",
            lambda rows, value: rows.filter(simulated=value == "yes"),
            lambda: [("yes", "모의"), ("no", "실제")],
        ),
    ),
    order="key",
    per_page=10,
    point=lambda city: (127.0, 37.2),
)


def gallery(request: HttpRequest, city: str) -> HttpResponseBase:
    table = CITIES.read(request, City.objects.all())
    form = ReportForm(request.POST or None)
    if request.method == "GET" and "toast" in request.GET:
        messages.success(request, "저장했습니다.")
        messages.error(request, "보내지 못했습니다. 주소를 확인하세요.")
    speed = [30 + 8 * ((hour - 8) % 12 - 6) / 6 for hour in range(24)]
    chart = Chart(
        "시간대별 평균 속도",
        "시",
        HOURS,
        [
            Series("월요일", speed),
            Series("일요일", [None if h in (3, 4) else v + 6 for h, v in enumerate(speed)]),
        ],
        unit="km/h",
        source="출처: 시험 자료",
        simulated=True,
    )
    bars = Chart(
        "구별 카메라",
        "구",
        ["장안", "권선", "팔달", "영통"],
        [Series("대", [3120, 4510, 3980, 4329])],
        kind="bar",
        unit="{camera}",
    )
    context = {"table": table, "form": form, "chart": chart, "bars": bars}
    return table.download or render(request, "gallery.html", context)


def broken(request: HttpRequest, city: str) -> HttpResponse:
    raise RuntimeError("the ground is lava")


CITY += [path("gallery/", gallery), path("broken/", broken)]
