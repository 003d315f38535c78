"""Addresses: the API with its documentation, media files going out and coming in, the admin."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from content.api.media_uploads import receive_file
from content.media.serving import serve_file
from project.api import api

urlpatterns = [
    path("", RedirectView.as_view(url="/api/v1/docs/"), name="home"),
    path("api/v1/", api.urls),
    path("files/<path:key>", serve_file, name="media-file"),
    path("uploads/<path:key>", receive_file, name="media-upload"),
    path("admin/", admin.site.urls),
]
