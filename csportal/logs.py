"""Log hygiene: a phone or order number never reaches a log line."""

from __future__ import annotations

import logging

from knowledge.text import mask_digits


class MaskDigits(logging.Filter):
    """Replace runs of seven and more digits in the finished message."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask_digits(record.getMessage()), ()
        return True
