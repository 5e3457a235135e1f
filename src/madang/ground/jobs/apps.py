from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "madang.ground.jobs"
    label = "jobs"
