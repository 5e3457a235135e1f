from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "madang.ground.live"
    label = "live"

    def ready(self) -> None:
        from madang.ground.live import kinds
        from madang.ground.live.records import ALARMS, INCIDENTS
        from madang.ground.live.roll import OTHERS

        kinds.register(kinds.Moving(OTHERS), ALARMS, INCIDENTS)
