from django.apps import AppConfig


class CityConfig(AppConfig):
    name = "madang.ground.city"
    label = "city"

    def ready(self) -> None:
        from madang.ground.city import console
        from madang.ground.city.layers import register_own
        from madang.ground.city.recognisers.own import register_all

        register_all()
        register_own()
        console.register_all()
