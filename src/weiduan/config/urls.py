"""Every way in by HTTP."""

from django.urls import include, path

from weiduan.doors.api.interface import api
from weiduan.doors.health import alive, ready
from weiduan.doors.switches import switch_language, switch_view
from weiduan.doors.watching import metrics

handler404 = "weiduan.doors.refusals.nowhere"

urlpatterns = [
    path("healthz", alive, name="alive"),
    path("readyz", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("view/<str:view>/", switch_view, name="switch-view"),
    path("language/<str:code>/", switch_language, name="switch-language"),
    path("", include("weiduan.doors.portal.urls")),
    path("desk/", include("weiduan.doors.desk.urls")),
    path("api/v1/", api.urls),
    path("ogc/", include("weiduan.doors.portal.features_urls")),
    path("open311/v2/", include("weiduan.doors.api.open311")),
    path("accounts/", include("weiduan.config.account_urls")),
]

handler500 = "weiduan.doors.outages.server_error"
