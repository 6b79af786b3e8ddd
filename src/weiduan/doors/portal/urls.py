"""Residents' addresses: open to everyone, no account."""

from django.urls import path, register_converter

from weiduan.doors.converters import Digits

from . import bookings, own, places, reports, units

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
    path("v/photo/<uuid:key>.jpg", places.photo, name="photo"),
    path("v/<uuid:key>/", places.venue, name="venue"),
    path("v/<uuid:key>/book/", bookings.book_room, name="book"),
    path("v/<uuid:key>/calendar.ics", places.calendar, name="venue_calendar"),
    path("v/<uuid:key>/map.json", places.map_data, name="venue_map"),
    path("q/<str:token>/", places.plate, name="plate"),
    path("b/<str:receipt>/", bookings.booking, name="booking"),
    path("report/", reports.tell_matter, name="tell"),
    path("r/<str:receipt>/", reports.report, name="report"),
    path("r/<str:receipt>/<uuid:key>.jpg", reports.photo, name="report_photo"),
    path("healthz", units.health, name="health"),
]
