from django.apps import AppConfig


class CsportalConfig(AppConfig):
    name = "csportal"
