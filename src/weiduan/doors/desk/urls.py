"""Staff addresses."""

from django.urls import path, register_converter

from weiduan.doors.converters import Digits

from . import (
    areas,
    changes,
    members,
    organisations,
    pending,
    plan_heads,
    plan_venues,
    plans,
    rosters,
    rules,
    survey,
    today,
    transfers,
)

register_converter(Digits, "digits")

app_name = "desk"
urlpatterns = [
    path("", today.today, name="today"),
    path("area/", areas.home, name="home_area"),
    path("area/<digits:code>/", areas.area, name="area"),
    path("area/<digits:code>/map.json", areas.map_data, name="map"),
    path("area/<digits:code>/coverage.xlsx", areas.workbook, name="coverage_xlsx"),
    path("area/<digits:code>/pending/", pending.pending, name="pending"),
    path("area/<digits:code>/roster/", rosters.of_area, name="roster"),
    path("area/<digits:code>/rules/", rules.rules, name="rules"),
    path("organisations/", organisations.listed, name="organisations"),
    path("organisations.xlsx", organisations.workbook, name="organisations_xlsx"),
    path("organisations/<str:number>/", organisations.record, name="organisation"),
    path("organisations/<str:number>/roster/", rosters.of_organisation, name="organisation_roster"),
    path("organisations/<str:number>/ask/<slug:kind>/", changes.ask_for, name="ask_change"),
    path("changes/", changes.changes, name="changes"),
    path("changes/<uuid:key>/", changes.change, name="change"),
    path("elections/", changes.elections, name="elections"),
    path("members/", members.listed, name="members"),
    path("members/join/", members.joining, name="joining"),
    path("members/of/<str:number>/", members.record, name="member"),
    path("transfers/", transfers.transfers, name="transfers"),
    path("plans/", plans.proposals, name="proposals"),
    path("plans/compare/", plans.compare, name="compare_plans"),
    path("plans/<uuid:key>/", plans.proposal, name="proposal"),
    path("plans/<uuid:key>/plan.xlsx", plans.workbook, name="plan_xlsx"),
    path("plans/<uuid:key>/plan.geojson", plans.geojson, name="plan_geojson"),
    path("plans/<uuid:key>/<digits:code>/", plans.village, name="village_plan"),
    path("plans/<uuid:key>/<digits:code>/map.json", plans.village_map, name="village_plan_map"),
    path("plans/<uuid:key>/<digits:code>/heads/", plan_heads.heads, name="plan_heads"),
    path("plans/<uuid:key>/venues/", plan_venues.venues, name="venues_plan"),
    path("plans/<uuid:key>/venues/map.json", plan_venues.map_data, name="venues_plan_map"),
    path("survey/", survey.runs, name="survey"),
    path("survey/template.xlsx", survey.template, name="survey_template"),
    path("survey/export.xlsx", survey.export, name="survey_export"),
    path("survey/<uuid:key>/", survey.run, name="survey_run"),
    path("survey/<uuid:key>/marked.xlsx", survey.marked, name="survey_marked"),
]
