from django.apps import AppConfig


class ClimateConfig(AppConfig):
    name = "madang.systems.climate"
    label = "climate"
