"""SQLite: an FTS5 table of our own tokens."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from knowledge.search.backends.base import Backend, Row, Scope
from knowledge.search.entry import Entry, head_of
from knowledge.search.query import And, Node, Phrase, Term, Wanted
from knowledge.search.schema import table

_COLUMNS = {
    "text": "{title aliases body}",
    "head": "{title aliases}",
    "pinyin": "{pinyin}",
    "initials": "{initials}",
}
# unicode61 knows the Unicode of 2012: a letter it does not know would split a token, so all but
# the plainest characters are spelt out. A beginning stays a beginning.
_UNSURE = re.compile("[^ 0-9a-z\u3041-\u3096\u30a1-\u30fa\u3400-\u4db5\u4e00-\u9fa5\uac00-\ud7a3]")


def spell(tokens: str) -> str:
    """A token, or several with spaces between, as unicode61 keeps each whole and unchanged."""
    return _UNSURE.sub(lambda found: f"x{ord(found.group()):x}x", tokens)


def expression(node: Node) -> str:
    """The FTS5 match expression of a tree; every token is quoted."""
    match node:
        case Term(text, space, prefix):
            return f'{_COLUMNS[space]} : "{spell(text)}"{" *" if prefix else ""}'
        case Phrase(tokens, space):
            return f'{_COLUMNS[space]} : "{spell(" ".join(tokens))}"'
        case And(nodes):
            return " AND ".join(f"({expression(child)})" for child in nodes)
        case _:
            return " OR ".join(f"({expression(child)})" for child in node.nodes)


class SQLiteBackend(Backend):
    true = "1"
    contains = "instr({column}, %s) > 0"
    stored = (*Backend.stored, "fts")
    keys: ClassVar[Mapping[str, str]] = {"fts": "rowid"}

    def match(self, wanted: Wanted, scope: Scope, limit: int | None) -> list[Row]:
        where, params = self.visible(scope)
        flag, flag_params = self.fits(scope)
        texts, inside, literals = self._recheck(wanted)
        return self.rows(
            f"SELECT {self.columns}, {flag} AS wanted, 0 FROM {table('fts')} f "
            f"JOIN {table('document')} d ON d.id = f.rowid {texts} "
            f"WHERE f.{table('fts')} MATCH %s AND {where}{inside} {self.order(limit)}",
            [*flag_params, expression(wanted.node), *params, *literals],
        )

    def _recheck(self, wanted: Wanted) -> tuple[str, str, list[str]]:
        if not wanted.literals:
            return "", "", []
        one = self.contains.format(column="t.text")
        inside = "".join(f" AND ({' OR '.join([one] * len(group))})" for group in wanted.literals)
        return f"JOIN {table('text')} t ON t.id = d.id", inside, [word for group in wanted.literals for word in group]

    def match_any(self, nodes: Sequence[tuple[Node, int]], scope: Scope, limit: int) -> list[Row]:
        where, params = self.visible(scope)
        flag, flag_params = self.fits(scope)
        one = f"SELECT rowid AS id, %s AS weight FROM {table('fts')} WHERE {table('fts')} MATCH %s"
        matches = [value for node, weight in nodes for value in (weight, expression(node))]
        return self.rows(
            f"SELECT {self.columns}, {flag} AS wanted, m.weight FROM "
            f"(SELECT id, SUM(weight) AS weight FROM ({' UNION ALL '.join([one] * len(nodes))}) GROUP BY id) m "
            f"JOIN {table('document')} d ON d.id = m.id WHERE {where} "
            f"ORDER BY wanted DESC, m.weight DESC, d.uses DESC, d.slug LIMIT {limit}",
            [*flag_params, *matches, *params],
        )

    def _new_ids(self, cursor: Any, number: int, building: bool) -> list[int]:
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table('document', building)}")
        last = cursor.fetchone()[0]
        return list(range(last + 1, last + 1 + number))

    def _insert_texts(self, cursor: Any, ids: Sequence[int], entries: Sequence[Entry], building: bool) -> None:
        cursor.executemany(
            f"INSERT INTO {table('text', building)} (id, head, codes, text) VALUES (%s, %s, %s, %s)",
            [
                (row_id, head_of(entry.document), " ".join(entry.document.codes), entry.text)
                for row_id, entry in zip(ids, entries, strict=True)
            ],
        )
        cursor.executemany(
            f"INSERT INTO {table('fts', building)} (rowid, title, aliases, body, pinyin, initials) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            [
                (row_id, *(spell(" ".join(tokens)) for tokens in entry.columns))
                for row_id, entry in zip(ids, entries, strict=True)
            ],
        )

    def _count(self, cursor: Any, change: Mapping[str, int], building: bool) -> None:
        cursor.executemany(
            f"INSERT INTO {table('term', building)} (term, df) VALUES (%s, %s) "
            "ON CONFLICT (term) DO UPDATE SET df = df + excluded.df",
            sorted((term, by) for term, by in change.items() if by),
        )
