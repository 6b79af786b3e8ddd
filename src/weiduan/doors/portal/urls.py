"""Residents' addresses: open to everyone, no account."""

from django.urls import path, register_converter

from weiduan.doors.converters import Digits

from . import (
    ballots,
    bodies,
    bookings,
    compacts,
    later,
    mediations,
    opinions,
    own,
    partners,
    places,
    public_reports,
    reports,
    topics,
    units,
)

register_converter(Digits, "digits")

app_name = "portal"
urlpatterns = [
    path("", units.find, name="find"),
    path("here", units.here, name="here"),
    path("a/<digits:code>/", units.area, name="area"),
    path("a/<digits:code>/votes/", ballots.ballots, name="ballots"),
    path("a/<digits:code>/mediation/", mediations.ask_for, name="ask_mediation"),
    path("m/<str:receipt>/", mediations.mediation, name="mediation"),
    path("a/<digits:code>/partners/", partners.partners, name="partners"),
    path("a/<digits:code>/topics/", topics.topics, name="topics"),
    path("a/<digits:code>/topics/raise/", topics.raise_topic, name="raise_topic"),
    path("topic/<uuid:key>/", topics.topic, name="topic"),
    path("t/<str:receipt>/", topics.receipt_page, name="topic_receipt"),
    path("vote/<uuid:key>/", ballots.ballot, name="ballot"),
    path("a/<digits:code>/bodies/", bodies.bodies, name="bodies"),
    path("a/<digits:code>/compacts/", compacts.compacts, name="compacts"),
    path("compact/<uuid:key>/", compacts.compact, name="compact"),
    path("s/<str:receipt>/", compacts.supported, name="support"),
    path("o/<str:receipt>/", opinions.opinion, name="opinion"),
    path("vote/<uuid:key>/votes.json", ballots.file, name="ballot_file"),
    path("a/<digits:code>/reports/", public_reports.reports_of, name="reports_of"),
    path("a/<digits:code>/reports/map.json", public_reports.map_data, name="reports_map"),
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
    path("report/later/", later.tell_later, name="tell_later"),
    path("sw.js", later.worker, name="worker"),
    path("manifest.webmanifest", later.manifest, name="manifest"),
    path("r/<str:receipt>/", reports.report, name="report"),
    path("r/<str:receipt>/<uuid:key>.jpg", reports.photo, name="report_photo"),
    path("healthz", units.health, name="health"),
]
