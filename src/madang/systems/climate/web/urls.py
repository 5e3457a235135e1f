"""Pages of carbon and heat, under /<city>/climate/."""

from django.urls import path

from madang.systems.climate.web import (
    finer,
    fits,
    here,
    indicators,
    plan_files,
    plan_pages,
    reports,
    studio,
    trends,
)

app_name = "climate"
urlpatterns = [
    path("", indicators.index, name="indicators"),
    path("indicators.<slug:form>", indicators.download, name="indicators_file"),
    path("squares.<slug:form>", finer.squares, name="squares_file"),
    path("parcels.<slug:form>", finer.parcels, name="parcels_file"),
    path("stations/", fits.stations, name="stations"),
    path("stations/fit/", fits.fit, name="fit"),
    path("stations/<uuid:pk>/use/", fits.use, name="fit_use"),
    path("trends/", trends.index, name="trends"),
    path("trends.csv", trends.download, name="trends_file"),
    path("here/", here.here, name="here"),
    path("plans/", plan_pages.plans, name="plans"),
    path("plans/<uuid:pk>/", plan_pages.plan, name="plan"),
    path("plans/<uuid:pk>/follow/", plan_pages.follow, name="plan_follow"),
    path("plans/<uuid:pk>/bring/", plan_files.bring, name="plan_bring"),
    path("plans/<uuid:pk>/bring/<uuid:file>/", plan_files.brought, name="plan_file"),
    path("plans/<uuid:pk>/report/", reports.paper, name="plan_paper"),
    path("plans/<uuid:pk>/report.<slug:form>", reports.report, name="plan_report"),
    path("plans/<uuid:pk>/feed.atom", plan_pages.feed, name="plan_feed"),
    path("studio/", studio.studio, name="studio"),
]
