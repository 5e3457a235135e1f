from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "madang.ground.cases"
    label = "cases"

    def ready(self) -> None:
        from madang.ground.cases import kinds

        kinds.register(*kinds.GROUND_KINDS)
