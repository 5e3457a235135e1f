from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "madang.ground.console"
    label = "console"
