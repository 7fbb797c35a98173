"""PostgreSQL: a weighted tsvector of our own tokens under a GIN index.

The vector is written as lexemes with explicit weights and never by to_tsvector, which would parse
7.5 or a-b again. No pg_trgm and no <->: phrases are ANDed bigrams and the literal is rechecked
with position(), because a tsvector forgets positions past 16,383.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from knowledge.search.backends.base import Backend, Row, Scope
from knowledge.search.entry import Entry, head_of
from knowledge.search.query import And, Node, Phrase, Term, Wanted
from knowledge.search.schema import table

_WRITER = 0x5EA2C4  # the advisory lock of whoever writes the index, held to the end of the transaction
_MARK = {"text": "", "head": "", "pinyin": "~", "initials": "^"}  # no text token begins so


def quoted(lexeme: str) -> str:
    """A lexeme inside the text form of a tsvector or tsquery."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def expression(node: Node) -> str:
    """The tsquery of a tree, in text form."""
    match node:
        case Term(text, space, prefix):
            flags = ("*" if prefix else "") + ("AB" if space == "head" else "")
            return quoted(_MARK[space] + text) + (f":{flags}" if flags else "")
        case Phrase(tokens, space):
            weight = ":AB" if space == "head" else ""
            return " & ".join(quoted(token) + weight for token in dict.fromkeys(tokens))
        case And(nodes):
            return " & ".join(f"({expression(child)})" for child in nodes)
        case _:
            return " | ".join(f"({expression(child)})" for child in node.nodes)


def vector(entry: Entry) -> str:
    """The tsvector of a document, in text form: title A, aliases B, body C, what is heard D."""
    places: dict[str, list[str]] = {}
    heard = [f"~{token}" for token in entry.pinyin] + [f"^{token}" for token in entry.initials]
    for place, tokens in (("1A", entry.title), ("2B", entry.aliases), ("3C", entry.body), ("4D", heard)):
        for token in dict.fromkeys(tokens):
            places.setdefault(token, []).append(place)
    return " ".join(f"{quoted(token)}:{','.join(found)}" for token, found in places.items())


class PostgresBackend(Backend):
    true = "TRUE"
    contains = "strpos({column}, %s) > 0"

    def match(self, wanted: Wanted, scope: Scope, limit: int | None) -> list[Row]:
        where, params = self.visible(scope)
        flag, flag_params = self.fits(scope)
        inside, literals = self._recheck(wanted)
        # Materialised: the planner, who cannot know how rare a token is, would read the match once a document.
        return self.rows(
            f"WITH m AS MATERIALIZED (SELECT t.id FROM {table('text')} t WHERE t.vector @@ %s::tsquery{inside}) "
            f"SELECT {self.columns}, {flag} AS wanted, 0 FROM m JOIN {table('document')} d ON d.id = m.id "
            f"WHERE {where} {self.order(limit)}",
            [expression(wanted.node), *literals, *flag_params, *params],
        )

    def _recheck(self, wanted: Wanted) -> tuple[str, list[str]]:
        one = self.contains.format(column="t.text")
        inside = "".join(f" AND ({' OR '.join([one] * len(group))})" for group in wanted.literals)
        return inside, [word for group in wanted.literals for word in group]

    def match_any(self, nodes: Sequence[tuple[Node, int]], scope: Scope, limit: int) -> list[Row]:
        where, params = self.visible(scope)
        flag, flag_params = self.fits(scope)
        one = f"SELECT id, %s AS weight FROM {table('text')} WHERE vector @@ %s::tsquery"
        matches = [value for node, weight in nodes for value in (weight, expression(node))]
        return self.rows(
            f"WITH u AS MATERIALIZED ({' UNION ALL '.join([one] * len(nodes))}), "
            "m AS MATERIALIZED (SELECT id, SUM(weight) AS weight FROM u GROUP BY id) "
            f"SELECT {self.columns}, {flag} AS wanted, m.weight FROM m "
            f"JOIN {table('document')} d ON d.id = m.id WHERE {where} "
            f"ORDER BY wanted DESC, m.weight DESC, d.uses DESC, d.slug LIMIT {limit}",
            [*matches, *flag_params, *params],
        )

    def _queue(self, cursor: Any) -> None:
        # Two that store the same document at once would both insert it; and term counts are shared by all.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITER])

    def _new_ids(self, cursor: Any, number: int, building: bool) -> list[int]:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table("document", building), number],
        )
        return [row[0] for row in cursor.fetchall()]

    def _insert_texts(self, cursor: Any, ids: Sequence[int], entries: Sequence[Entry], building: bool) -> None:
        cursor.executemany(
            f"INSERT INTO {table('text', building)} (id, head, codes, text, vector) "
            "VALUES (%s, %s, %s, %s, %s::tsvector)",
            [
                (row_id, head_of(entry.document), " ".join(entry.document.codes), entry.text, vector(entry))
                for row_id, entry in zip(ids, entries, strict=True)
            ],
        )

    def _count(self, cursor: Any, change: Mapping[str, int], building: bool) -> None:
        rows = sorted((term, by) for term, by in change.items() if by)
        cursor.execute(
            f"INSERT INTO {table('term', building)} AS t (term, df) SELECT * FROM unnest(%s::text[], %s::int[]) "
            "ON CONFLICT (term) DO UPDATE SET df = t.df + excluded.df",
            [[term for term, _ in rows], [by for _, by in rows]],
        )
