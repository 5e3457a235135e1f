"""Pages of carbon and heat, under /<city>/climate/."""

from django.urls import path

from madang.systems.climate.web import indicators, studio

app_name = "climate"
urlpatterns = [
    path("", indicators.index, name="indicators"),
    path("indicators.<slug:form>", indicators.download, name="indicators_file"),
    path("studio/", studio.studio, name="studio"),
]
