"""Pages of alarms and incidents under /<city>/."""

from __future__ import annotations

from django.urls import path

from madang.ground.cases.web import cases, lists

app_name = "cases"
ALARM, INCIDENT = "alarms/<uuid:pk>/", "incidents/<uuid:pk>/"
urlpatterns = [
    path("alarms/", lists.inbox, name="inbox"),
    path("alarms/all/", lists.alarms, name="alarms"),
    path("alarms/thresholds/", lists.thresholds, name="thresholds"),
    path("alarms/thresholds/new/", lists.new_threshold, name="new_threshold"),
    path(ALARM, cases.alarm, name="alarm"),
    path(f"{ALARM}acknowledge/", cases.acknowledge, name="acknowledge"),
    path(f"{ALARM}note/", cases.note, name="note"),
    path(f"{ALARM}link/", cases.link, name="link"),
    path(f"{ALARM}close/", cases.close, name="close"),
    path(f"{ALARM}reopen/", cases.reopen, name="reopen"),
    path(f"{ALARM}incident/", cases.open_incident, name="open_incident"),
    path(f"{ALARM}attach/", cases.attach, name="attach"),
    path(f"{ALARM}detach/", cases.detach, name="detach"),
    path("incidents/", lists.incidents, name="incidents"),
    path("incidents/new/", lists.new_incident, name="new_incident"),
    path(INCIDENT, cases.incident, name="incident"),
    path(f"{INCIDENT}note/", cases.note_incident, name="note_incident"),
    path(f"{INCIDENT}link/", cases.link_incident, name="link_incident"),
    path(f"{INCIDENT}close/", cases.close_incident, name="close_incident"),
    path(f"{INCIDENT}reopen/", cases.reopen_incident, name="reopen_incident"),
]
