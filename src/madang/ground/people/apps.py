from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "madang.ground.people"
    label = "people"

    def ready(self) -> None:
        from madang.ground.people import sign_in  # noqa: F401  (connects its receivers)
        from madang.ground.people.web import shell

        shell.register()
