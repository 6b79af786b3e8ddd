"""Residents' addresses: open to everyone, no account."""

from django.urls import path, register_converter

from weiduan.doors.converters import Digits

from . import own, units

register_converter(Digits, "digits")

app_name = "portal"
urlpatterns = [
    path("", units.find, name="find"),
    path("here", units.here, name="here"),
    path("a/<digits:code>/", units.area, name="area"),
    path("u/<digits:code>/", units.unit, name="unit"),
    path("u/<digits:code>/map.json", units.map_data, name="map"),
    path("me/", own.own, name="me"),
    path("me/<str:token>/", own.enter, name="me_enter"),
    path("healthz", units.health, name="health"),
]
