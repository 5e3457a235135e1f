from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "madang.ground.desk"
    label = "desk"
