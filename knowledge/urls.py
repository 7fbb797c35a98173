"""Addresses of the phrasebook. Paths are a contract: add, never rename."""

from django.urls import path

from knowledge.views import card, gaps, markdown, me, phrases

urlpatterns = [
    path("phrases/", phrases.phrases, name="phrases"),
    path("phrases/match/", phrases.match, name="match"),
    path("phrases/<slug:slug>/", card.card, name="card"),
    path("dock/", phrases.dock, name="dock"),
    path("lines/<uuid:uuid>/copied/", card.copied, name="copied"),
    path("lines/<uuid:uuid>/favourite/", card.favourite, name="favourite"),
    path("lines/<uuid:uuid>/feedback/", card.feedback, name="feedback"),
    path("searches/", card.searched, name="searched"),
    path("me/", me.me, name="me"),
    path("me/snippets/new/", me.snippet, name="snippet_new"),
    path("me/snippets/<int:pk>/", me.snippet, name="snippet"),
    path("me/snippets/<int:pk>/delete/", me.delete_snippet, name="snippet_delete"),
    path("markdown/preview/", markdown.preview, name="markdown_preview"),
    path("markdown/pictures/", markdown.picture, name="picture_upload"),
    path("media/<path:name>", markdown.media, name="media"),
    path("team/searches/", gaps.gaps, name="gaps"),
    path("team/searches/csv/", gaps.gaps_csv, name="gaps_csv"),
    path("team/searches/decide/", gaps.gap_decide, name="gap_decide"),
    path("team/copies/", gaps.copies, name="copies"),
    path("team/copies/csv/", gaps.copies_csv, name="copies_csv"),
]
