from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "madang.ground.privacy"
    label = "privacy"

    def ready(self) -> None:
        from madang.ground.privacy import telling  # noqa: F401  (connects its receiver)
        from madang.ground.privacy.web import shell

        shell.register()
