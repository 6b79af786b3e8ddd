from django.apps import AppConfig


class Room(AppConfig):
    name = "weiduan.ground.backups"
    label = "backups"
