"""A document made ready for the index tables of any database."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from knowledge.search import pinyin
from knowledge.search.document import SearchDocument
from knowledge.text import normalise, runs, tokenise

# Distinct body tokens indexed: a tsvector holds 1 MB, and nobody reads further.
MOST_BODY_TOKENS = 60_000


class Entry(NamedTuple):
    """A document made ready for the tables: tokens a column, and the normalised text."""

    document: SearchDocument
    text: str
    title: list[str]
    aliases: list[str]
    body: list[str]
    pinyin: list[str]
    initials: list[str]

    @property
    def columns(self) -> tuple[list[str], ...]:
        return self.title, self.aliases, self.body, self.pinyin, self.initials

    @property
    def terms(self) -> set[str]:
        """What the term table counts of it."""
        fields = self.text.split("\n")[:-1]
        return {*self.title, *self.aliases, *self.body, *_letters(fields)}


def letter_term(char: str) -> str:
    """The term that counts the documents whose title or aliases hold a single character."""
    return f"{char}*"  # no token holds an asterisk


def counted_terms(text: str) -> set[str]:
    """The terms of a stored text (title and aliases one a line, the body last): its distinct tokens
    and the single characters of all but the body."""
    *fields, body = text.split("\n")
    tokens = {token for field in fields for token in tokenise(field)}
    return tokens | _letters(fields) | set(tokenise(body)[:MOST_BODY_TOKENS])


def _letters(fields: Sequence[str]) -> set[str]:
    return {letter_term(char) for field in fields for char in set(field) if char.isalnum()}


def prepare(document: SearchDocument) -> Entry:
    """Normalise, tokenise and read out a document."""
    fields = [normalise(field) for field in (document.title, *document.aliases)]
    body = normalise(document.body)
    heard = [run.text for field in fields for run in runs(field) if run.kind == "cjk"]
    return Entry(
        document,
        "\n".join([*fields, body]),
        tokenise(fields[0]),
        [token for field in fields[1:] for token in tokenise(field)],
        tokenise(body)[:MOST_BODY_TOKENS],
        [token for run in heard for token in pinyin.pinyin_tokens(run)],
        [token for run in heard for token in pinyin.initial_tokens(run)],
    )


def row_of(document: SearchDocument) -> tuple[Any, ...]:
    """The columns of the document table after the id."""
    return (
        document.kind,
        document.object_id,
        document.slug,
        document.published,
        _spaced(document.audience),
        _spaced(document.facets),
        document.uses,
        document.content_hash,
    )


def head_of(document: SearchDocument) -> str:
    """The raw title and aliases, one a line."""
    return "\n".join(" ".join(field.split()) for field in (document.title, *document.aliases))


def _spaced(tokens: Iterable[str]) -> str:
    """Tokens with a space on either side of each, so that one is found whole; empty for none."""
    joined = " ".join(dict.fromkeys(tokens))
    return f" {joined} " if joined else ""
