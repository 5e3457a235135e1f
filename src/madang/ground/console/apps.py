from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "madang.ground.console"
    label = "console"

    def ready(self) -> None:
        from madang.ground.console import home

        home.register()
