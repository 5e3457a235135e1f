from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "madang.ground.people"
    label = "people"
