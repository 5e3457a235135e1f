from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "madang.ground.people"
    label = "people"

    def ready(self) -> None:
        from madang.ground.people import recovery_codes, sign_in  # noqa: F401  (connect receivers)
        from madang.ground.people.web import shell

        shell.register()
