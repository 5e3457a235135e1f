"""Pages of carbon and heat, under /<city>/climate/."""

from django.urls import path

from madang.systems.climate.web import studio

app_name = "climate"
urlpatterns = [
    path("studio/", studio.studio, name="studio"),
]
