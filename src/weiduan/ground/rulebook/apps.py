from django.apps import AppConfig


class Room(AppConfig):
    name = "weiduan.ground.rulebook"
    label = "rulebook"
