from django.apps import AppConfig


class ClimateConfig(AppConfig):
    name = "madang.systems.climate"
    label = "climate"

    def ready(self) -> None:
        from madang.systems.climate import home, recognisers

        home.register()
        recognisers.register_all()
