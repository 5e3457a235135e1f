from django.apps import AppConfig


class SensingConfig(AppConfig):
    name = "madang.ground.sensing"
    label = "sensing"

    def ready(self) -> None:
        from madang.ground.sensing import console
        from madang.ground.sensing.web import shell

        console.register_all()
        shell.register()
