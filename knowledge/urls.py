"""Addresses of the phrasebook. Paths are a contract: add, never rename.

Those of a part of the site stand under its prefix, so that any other address passes them in one step.
"""

from django.urls import include, path

from knowledge.views import card, check, gaps, markdown, me, phrases

PHRASES = [
    path("", phrases.phrases, name="phrases"),
    path("match/", phrases.match, name="match"),
    path("<slug:slug>/", card.card, name="card"),
]
LINES = [
    path("<uuid:uuid>/copied/", card.copied, name="copied"),
    path("<uuid:uuid>/favourite/", card.favourite, name="favourite"),
    path("<uuid:uuid>/feedback/", card.feedback, name="feedback"),
]
ME = [
    path("", me.me, name="me"),
    path("snippets/new/", me.snippet, name="snippet_new"),
    path("snippets/<int:pk>/", me.snippet, name="snippet"),
    path("snippets/<int:pk>/delete/", me.delete_snippet, name="snippet_delete"),
]
MARKDOWN = [
    path("preview/", markdown.preview, name="markdown_preview"),
    path("pictures/", markdown.picture, name="picture_upload"),
]
TEAM = [
    path("searches/", gaps.gaps, name="gaps"),
    path("searches/csv/", gaps.gaps_csv, name="gaps_csv"),
    path("searches/decide/", gaps.gap_decide, name="gap_decide"),
    path("copies/", gaps.copies, name="copies"),
    path("copies/csv/", gaps.copies_csv, name="copies_csv"),
]

urlpatterns = [
    path("phrases/", include(PHRASES)),
    path("dock/", phrases.dock, name="dock"),
    path("lines/", include(LINES)),
    path("searches/", card.searched, name="searched"),
    path("me/", include(ME)),
    path("markdown/", include(MARKDOWN)),
    path("media/<path:name>", markdown.media, name="media"),
    path("team/", include(TEAM)),
    path("check/", check.check, name="check"),
    path("check/judge/", check.judge, name="check_judge"),
]
