"""Pages of the privacy officer under /<city>/privacy/."""

from __future__ import annotations

from django.urls import path

from madang.ground.privacy.web import anomalies, duties, footage, months, trail

app_name = "privacy"
urlpatterns = [
    path("", trail.index, name="trail"),
    path("entries/<uuid:pk>/", trail.entry, name="entry"),
    path("anomalies/", anomalies.index, name="anomalies"),
    path("months/", months.index, name="months"),
    path("months/<int:year>-<int:month>/", months.month, name="month"),
    path("breaches/", duties.breaches, name="breaches"),
    path("breaches/<uuid:pk>/", duties.breach, name="breach"),
    path("requests/", footage.requests, name="requests"),
    path("requests/<uuid:pk>/", footage.request_, name="request"),
    path("contracts/", duties.contracts, name="contracts"),
]
