from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "madang.ground.notify"
    label = "notify"

    def ready(self) -> None:
        from madang.ground.notify.web.views import inbox
        from madang.ground.web.registry import register_inbox

        register_inbox(inbox)
