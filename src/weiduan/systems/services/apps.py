from django.apps import AppConfig


class Room(AppConfig):
    name = "weiduan.systems.services"
    label = "services"
