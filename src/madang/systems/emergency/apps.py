from django.apps import AppConfig


class EmergencyConfig(AppConfig):
    name = "madang.systems.emergency"
    label = "emergency"

    def ready(self) -> None:
        from madang.systems.emergency import vehicles

        vehicles.register_all()
