"""Log hygiene: a phone or order number never reaches a log line."""

from __future__ import annotations

import logging

from knowledge.text import mask_digits


class MaskDigits(logging.Filter):
    """Replace runs of seven and more digits in the finished message and in the traceback below it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask_digits(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = mask_digits(logging.Formatter().formatException(record.exc_info))
        return True
