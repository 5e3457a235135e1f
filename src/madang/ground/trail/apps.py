from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "madang.ground.trail"
    label = "trail"
