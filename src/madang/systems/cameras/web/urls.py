"""Pages of cameras under /<city>/cameras/."""

from __future__ import annotations

from django.urls import path

from madang.systems.cameras.web import (
    devices,
    faults,
    live,
    masks,
    overview,
    playback,
    policy,
    sites,
    steering,
    together,
    wall,
)

app_name = "cameras"
urlpatterns = [
    path("", overview.index, name="overview"),
    path("sites/", sites.index, name="sites"),
    path("sites/national.csv", sites.national, name="national"),
    path("sites/count/", devices.record_all, name="record_all"),
    path("sites/<uuid:pk>/", sites.site, name="site"),
    path("sites/<uuid:pk>/sign/", sites.sign, name="sign"),
    path("sites/<uuid:pk>/change/", sites.change, name="change_site"),
    path("sites/<uuid:pk>/consult/", sites.consultation, name="consult"),
    path("sites/<uuid:pk>/plan/", devices.plan, name="plan"),
    path("devices/", devices.index, name="cameras"),
    path("devices/<uuid:pk>/", devices.camera, name="camera"),
    path("devices/<uuid:pk>/change/", devices.change, name="change"),
    path("devices/<uuid:pk>/step/", devices.take_step, name="step"),
    path("devices/<uuid:pk>/fault/", faults.report, name="report"),
    path("devices/<uuid:pk>/live/", live.live, name="live"),
    path("devices/<uuid:pk>/live/reason/", live.reason, name="live_reason"),
    path("devices/<uuid:pk>/playback/", playback.playback, name="playback"),
    path("devices/<uuid:pk>/playback/reason/", playback.reason, name="playback_reason"),
    path("playback/", together.together, name="together"),
    path("playback/reason/", together.reason, name="together_reason"),
    path("devices/<uuid:pk>/locks/", playback.lock, name="lock"),
    path("devices/<uuid:pk>/masks/", masks.index, name="masks"),
    path("masks/<uuid:pk>/end/", masks.end, name="end_mask"),
    path("locks/<uuid:pk>/release/", playback.release, name="release"),
    path("devices/<uuid:pk>/edges/", steering.edges, name="edges"),
    path("steering/", steering.rules, name="steering"),
    path("wall/", wall.wall, name="wall"),
    path("policy/", policy.index, name="policy"),
    path("policy/change/", policy.change, name="change_policy"),
    path("faults/", faults.index, name="faults"),
    path("faults/<uuid:pk>/end/", faults.end, name="end_fault"),
]
