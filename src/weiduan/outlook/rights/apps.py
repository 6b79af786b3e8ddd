from django.apps import AppConfig


class Room(AppConfig):
    name = "weiduan.outlook.rights"
    label = "rights"
