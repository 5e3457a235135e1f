from django.apps import AppConfig


class TrafficConfig(AppConfig):
    name = "madang.systems.traffic"
    label = "traffic"

    def ready(self) -> None:
        from madang.ground.city.public import learn_reasons, register_opener, register_recogniser
        from madang.ground.city.web.panels import register_panel
        from madang.systems.traffic import (
            console,
            home,
            importing,
            operation_table,
            sentences,
            vehicles,
        )
        from madang.systems.traffic.models import StreetNetwork
        from madang.systems.traffic.web import networks

        vehicles.register_all()
        console.register_all()
        home.register()
        register_panel(StreetNetwork, networks.panel)
        learn_reasons(sentences.notes())
        register_opener(importing.OPENER)
        for recogniser in (importing.SUMO, importing.PARTS, importing.TURN_INFO):
            register_recogniser(recogniser)
        register_recogniser(operation_table.OPERATION_TABLE)
