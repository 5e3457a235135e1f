from django.urls import path

from madang.ground.console.web import pages

app_name = "console"
urlpatterns = [
    path("console/", pages.desk, name="desk"),
    path("map/", pages.guests, name="guests"),
    path("board/", pages.board, name="board"),
]
