from django.apps import AppConfig


class Room(AppConfig):
    name = "weiduan.doors.portal"
    label = "portal"
