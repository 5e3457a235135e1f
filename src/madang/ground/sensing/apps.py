from django.apps import AppConfig


class SensingConfig(AppConfig):
    name = "madang.ground.sensing"
    label = "sensing"

    def ready(self) -> None:
        from madang.ground.cases import quantities
        from madang.ground.city.public import follow, register_recogniser
        from madang.ground.city.web.panels import register_panel
        from madang.ground.sensing import console, importing, queries, saying
        from madang.ground.sensing.domain.archive import keep_in_step
        from madang.ground.sensing.models import Observation, Station
        from madang.ground.sensing.web import records, shell

        console.register_all()
        shell.register()
        quantities.register(queries.quantities)
        saying.register(*saying.USUAL)
        register_recogniser(importing.WEATHER_TABLE)
        register_recogniser(importing.AIR_TABLE)
        follow(Station, keep_in_step)
        follow(Observation, keep_in_step)
        register_panel(Observation, records.panel)
