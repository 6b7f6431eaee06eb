"""Takes personal data out of texts before they are kept."""

import re

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
    (re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}[ -]?(?:18|19|20)\d{2}[ -]?\d{4}[ -]?\d{3}[0-9Xx](?![0-9A-Za-z])"), "[id]"),
    (re.compile(r"(?<!\d)(?:\d[ -]?){15,19}(?!\d)"), "[number]"),
    (re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d){8}(?!\d)"), "[phone]"),
    (re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{1,2}\d{7,9}(?![0-9A-Za-z])"), "[document]"),
    (re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼粵雲遼魯蘇滬][A-Z][ ·]?[A-Z0-9]{5,6}"), "[plate]"),
    (re.compile(r"(?<!\d)\d(?:[ -]?\d){8,}(?!\d)"), "[number]"),
)
_WIDE = {ord("０") + i: str(i) for i in range(10)} | {ord("－"): "-", ord("　"): " ", ord("＠"): "@"}


def scrub(text: str) -> str:
    """The text with identity, bank and document numbers, phones, plates and addresses of e-mail replaced by a label.

    Digits are recognised full-width and with blanks or hyphens between them, too.
    """
    out = text.translate(_WIDE)
    for pattern, label in _PATTERNS:
        out = pattern.sub(label, out)
    return out
