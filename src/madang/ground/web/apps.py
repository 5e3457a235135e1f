from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "madang.ground.web"
    label = "web"
