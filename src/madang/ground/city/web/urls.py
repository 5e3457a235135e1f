"""Pages of the city's data, under /<city>/."""

from django.urls import path

from madang.ground.city.web import data, districts, imports, settings, uploads

urlpatterns = [
    path("data/", data.index, name="city_data"),
    path("data/recognised/", data.recognised, name="city_recognised"),
    path("data/upload/", uploads.upload, name="city_upload"),
    path("data/imports/", imports.index, name="city_imports"),
    path("data/imports/<uuid:id>/", imports.report, name="city_import"),
    path("data/imports/<uuid:id>/state/", imports.state, name="city_import_state"),
    path("data/imports/<uuid:id>/rejected/", imports.rejected, name="city_import_rejected"),
    path("data/imports/<uuid:id>/answer/", imports.answer, name="city_import_answer"),
    path("data/sets/<slug:key>/", data.data_set, name="city_data_set"),
    path("districts/", districts.index, name="city_districts"),
    path("settings/", settings.index, name="city_settings"),
]
