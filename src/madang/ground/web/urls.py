"""Addresses of the shell itself, under /account/."""

from django.urls import path

from madang.ground.web import preferences

app_name = "web"
urlpatterns = [
    path("language/", preferences.set_language, name="language"),
    path("theme/", preferences.set_theme, name="theme"),
]
