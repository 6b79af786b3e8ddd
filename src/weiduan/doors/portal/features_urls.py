"""Addresses of the OGC API, below /ogc/."""

from django.urls import path

from . import features

app_name = "ogc"
urlpatterns = [
    path("", features.landing, name="landing"),
    path("conformance", features.conformance, name="conformance"),
    path("api", features.api, name="api"),
    path("collections", features.collections, name="collections"),
    path("collections/<str:name>", features.collection, name="collection"),
    path("collections/<str:name>/items", features.items, name="items"),
    path("collections/<str:name>/items/<str:key>", features.item, name="item"),
]
