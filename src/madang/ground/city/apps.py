from django.apps import AppConfig


class CityConfig(AppConfig):
    name = "madang.ground.city"
    label = "city"
