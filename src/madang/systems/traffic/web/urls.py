"""Pages of the street, under /<city>/."""

from django.urls import path

from madang.systems.traffic.web import networks

urlpatterns = [
    path("street/", networks.index, name="traffic_networks"),
    path("street/plans.xlsx", networks.plans, name="traffic_plans"),
    path("street/<uuid:id>/", networks.network, name="traffic_network"),
    path("street/<uuid:id>/repairs.csv", networks.repairs, name="traffic_repairs"),
]
