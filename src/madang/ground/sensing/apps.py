from django.apps import AppConfig


class SensingConfig(AppConfig):
    name = "madang.ground.sensing"
    label = "sensing"

    def ready(self) -> None:
        from madang.ground.sensing import console

        console.register_all()
