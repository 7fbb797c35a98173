"""The project package: settings, the URL table, and the pages that need every app."""

__version__ = "0.1.0"
