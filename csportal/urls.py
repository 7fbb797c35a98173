"""The site's addresses."""

from django.contrib import admin
from django.urls import include, path

from csportal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("knowledge.urls")),
    path("", include("training.urls")),
    path("", include("accounts.urls")),
    path("healthz", views.healthz, name="healthz"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("admin/", admin.site.urls),
]

handler400 = "csportal.views.bad_request"
handler403 = "csportal.views.permission_denied"
handler404 = "csportal.views.page_not_found"
handler500 = "csportal.views.server_error"
