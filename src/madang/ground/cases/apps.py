from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "madang.ground.cases"
    label = "cases"
