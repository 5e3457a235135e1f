from django.apps import AppConfig


class TrafficConfig(AppConfig):
    name = "madang.systems.traffic"
    label = "traffic"

    def ready(self) -> None:
        from madang.systems.traffic import vehicles

        vehicles.register_all()
