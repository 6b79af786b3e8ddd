"""Every request is measured: by page, never by who asked. Metrics for Prometheus, a line in the log, a span where tracing is on."""

import logging
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from hmac import compare_digest
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from weiduan.ground.base.waiting import waiting_messages, waiting_tasks

from . import health
from .logs import view_of

log = logging.getLogger("weiduan.requests")
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

REQUESTS = Counter("weiduan_requests", "Requests answered.", ["view", "method", "status"])
SPENT = Histogram("weiduan_request_seconds", "Time from a request to its answer.", ["door"], buckets=SECONDS)


class WatchMiddleware:
    """Measures a request and gives it an id, that of the proxy where it sent one."""

    def __init__(self, get_response):  # type: ignore[no-untyped-def]
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        asked = request.headers.get("X-Request-ID", "")
        number = asked if REQUEST_ID.fullmatch(asked) else secrets.token_hex(8)
        with _span(request) as span:
            response = self.get_response(request)
            _measure(request, response, time.perf_counter() - began, number, span)
        response.headers["X-Request-ID"] = number
        return response


def _measure(request: HttpRequest, response: HttpResponse, seconds: float, number: str, span: Any) -> None:
    view, status = view_of(request), response.status_code
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(view, method, status).inc()
    SPENT.labels(view.partition(":")[0] if ":" in view else "other").observe(seconds)
    facts = {"view": view, "method": method, "status": status, "ms": round(seconds * 1000, 1), "request_id": number}
    if span is not None:
        span.set_attributes(facts)
    if settings.LOG_REQUESTS:
        log.info("%s %s %s", method, view, status, extra=facts)


def _span(request: HttpRequest) -> AbstractContextManager[Any]:
    return _tracer().start_as_current_span("request") if settings.TRACING else nullcontext()


@cache
def _tracer() -> Any:
    """Return what spans are made with; the exporter reads OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT …)."""
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "weiduan"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return trace.get_tracer("weiduan")


class Standing(Collector):
    """How the installation stands, looked at when it is asked for."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each figure; those of the database are left out where it is away."""
        states = health.looked_at()
        yield _gauge(
            "weiduan_part_ok", "1 where a part is there.", "part", {n: float(s == "ok") for n, s in states.items()}
        )
        yield GaugeMetricFamily("weiduan_disk_used_ratio", "Part of the disk that is used.", health.disk_used())
        age = health.beat_age_s()
        if age is not None:
            yield GaugeMetricFamily("weiduan_worker_beat_age_seconds", "Since the worker's last sign of life.", age)
        try:
            yield _gauge("weiduan_messages_waiting", "Messages not sent yet.", "box", waiting_messages())
            yield GaugeMetricFamily("weiduan_tasks_waiting", "Long tasks not begun yet.", waiting_tasks())
        except Error:
            return


def _gauge(name: str, about: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for value, figure in values.items():
        family.add_metric([value], figure)
    return family


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus, where a token is set and it is given."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404
    with _figures() as registry:
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


@contextmanager
def _figures() -> Iterator[CollectorRegistry]:
    """Yield all figures: of all processes where several share a folder for them, else of this one."""
    registry = CollectorRegistry()
    registry.register(Standing())
    if settings.METRICS_FOLDER.is_dir():
        MultiProcessCollector(registry, path=str(settings.METRICS_FOLDER))
    else:
        registry.register(REQUESTS)
        registry.register(SPENT)
    yield registry
