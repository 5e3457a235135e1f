from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "madang.ground.cases"
    label = "cases"

    def ready(self) -> None:
        from madang.ground.cases import console, home, kinds, queries
        from madang.ground.people.public import register_incidents

        kinds.register(*kinds.GROUND_KINDS)
        register_incidents(queries.open_incident_choices)
        console.register_all()
        home.register_system()
