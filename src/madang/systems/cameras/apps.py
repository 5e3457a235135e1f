from django.apps import AppConfig


class CamerasConfig(AppConfig):
    name = "madang.systems.cameras"
    label = "cameras"
