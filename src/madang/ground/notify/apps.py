from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "madang.ground.notify"
    label = "notify"
