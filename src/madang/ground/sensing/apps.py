from django.apps import AppConfig


class SensingConfig(AppConfig):
    name = "madang.ground.sensing"
    label = "sensing"
