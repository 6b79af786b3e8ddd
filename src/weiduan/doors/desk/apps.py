from django.apps import AppConfig


class Room(AppConfig):
    name = "weiduan.doors.desk"
    label = "desk"
