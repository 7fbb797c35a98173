"""Questions and lessons in the formats of others, as pure functions over text.

A reader gives what a file holds in Moodle's own notions (`moodle.Asked`); `mapping` makes our document of it and
names whatever finds no place; a writer turns our document into text that Moodle reads and that comes back the same
(docs/decisions/0018-moodle.md).
"""
