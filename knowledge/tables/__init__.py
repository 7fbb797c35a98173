"""Tables as files: CSV and XLSX in and out, and a guard against files that would hold a worker.

Pure: no model, no database. Cells are text and nothing else; what a spreadsheet made of a cell that was no text is
told, never guessed (docs/decisions/0014-exchange.md).
"""
