from django.apps import AppConfig


class ClimateConfig(AppConfig):
    name = "madang.systems.climate"
    label = "climate"

    def ready(self) -> None:
        from madang.ground.city.public import follow
        from madang.systems.climate import console, figures, home, recognisers
        from madang.systems.climate.domain import falling, reckoning
        from madang.systems.climate.models import Surface, Tree

        home.register()
        figures.register()
        console.register_all()
        recognisers.register_all()
        falling.register_all()
        follow(Surface, reckoning.ask)
        follow(Tree, reckoning.ask)
