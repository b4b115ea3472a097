"""Which address shows what."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from liandun.site import views
from liandun.site.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("state", views.state, name="state"),
    path("search", views.search, name="search"),
    path("about", views.about, name="about"),
    path("healthz", views.healthz, name="healthz"),
    path("api/v1/", api.urls),
    path("language", set_language, name="set_language"),
]
handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.failed
