from django.apps import AppConfig


class Room(AppConfig):
    name = "weiduan.outlook.proposals"
    label = "proposals"
