"""Ten systems as a big city has them, for pictures of the shell alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from madang.ground.measure import Measure
from madang.ground.web import registry
from madang.ground.web.registry import Figure, State, System, register
from madang.run.urls import CITY


def reported(value: float | None, unit: str = "1", uncertainty: float | None = None) -> Measure:
    return Measure(
        value=value,
        unit=unit,
        uncertainty=uncertainty,
        provenance="simulated" if unit == "km/h" else "measured",
    )


SAMPLES = [
    (
        "control",
        "관제",
        "경보와 사건, 근무",
        "monitor",
        State(
            "attention",
            "확인하지 않은 경보가 3건 있습니다.",
            (
                Figure("열린 사건", reported(12, "{case}")),
                Figure("대기 경보", reported(3, "{event}")),
            ),
        ),
    ),
    (
        "traffic",
        "교통",
        "실시간 추정, 예측, 신호",
        "traffic-cone",
        State(
            "ok",
            "센서 412개 중 409개가 보고하고 있습니다.",
            (
                Figure("평균 속도", reported(31.42, "km/h", 1.8)),
                Figure("차량", reported(48213, "{vehicle}")),
            ),
        ),
    ),
    (
        "emergency",
        "긴급차량",
        "출동과 우선신호",
        "ambulance",
        State(
            "ok",
            "출동 2건이 진행되고 있습니다.",
            (Figure("출동", reported(2, "{case}")), Figure("절약한 시간", reported(None, "min"))),
        ),
    ),
    (
        "cameras",
        "카메라",
        "카메라와 그 상태",
        "cctv",
        State(
            "ok",
            "카메라 15,939대 중 15,802대가 켜져 있습니다.",
            (Figure("카메라", reported(15939, "{camera}")), Figure("가동률", reported(99.14, "%"))),
        ),
    ),
    (
        "vision",
        "영상 분석",
        "선별관제",
        "scan-eye",
        State("down", "분석 장비 2대가 멈췄습니다.", (Figure("분석 중", reported(0, "{camera}")),)),
    ),
    (
        "climate",
        "탄소와 열",
        "탄소저장량과 열저감",
        "leaf",
        State(
            "ok",
            "8월 폭염 지도가 준비되어 있습니다.",
            (
                Figure("탄소저장량", reported(412_300, "t", 21_000)),
                Figure("지표면 온도", reported(38.4, "Cel", 0.6)),
            ),
        ),
    ),
    (
        "participation",
        "시민 참여",
        "제안, 토론, 투표",
        "vote",
        State("ok", "투표 1건이 진행되고 있습니다.", (Figure("제안", reported(128, "{item}")),)),
    ),
    (
        "callcentre",
        "콜센터",
        "민원 상담",
        "headset",
        State("ok", "대기 시민이 없습니다.", (Figure("오늘 통화", reported(1034, "{event}")),)),
    ),
    ("erp", "재정", "예산과 지출", "coins", State("empty", "아직 불러온 예산이 없습니다.")),
    (
        "openness",
        "정보공개",
        "공개 데이터",
        "book-open",
        State("ok", "데이터 세트 41개를 공개하고 있습니다."),
    ),
]


def first_page(request: HttpRequest, city: str) -> HttpResponse:
    return render(request, "web/base.html")


registry._systems.clear()
for order, (key, title, summary, icon, state) in enumerate(SAMPLES):
    CITY.append(path(f"{key}/", first_page, name=f"{key}_sample"))
    register(
        System(key, title, summary, icon, f"{key}_sample", order, lambda city, state=state: state)
    )
