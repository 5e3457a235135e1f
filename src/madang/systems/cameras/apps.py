from django.apps import AppConfig


class CamerasConfig(AppConfig):
    name = "madang.systems.cameras"
    label = "cameras"

    def ready(self) -> None:
        from madang.ground.city.public import register_recogniser
        from madang.systems.cameras import layers
        from madang.systems.cameras.register import REGISTER

        register_recogniser(REGISTER)
        layers.register()
