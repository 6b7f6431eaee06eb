"""Takes personal data out of texts before they are kept."""

import re

_GAP = r"[\s.·_~\-‐-―−]{0,3}"
"""What people put between the digits of a number."""
_END = rf"(?!{_GAP}\d)"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬雲遼魯蘇贛蒙陝閩貴粵寧瓊"
_ID = rf"[1-9](?:{_GAP}\d){{5}}{_GAP}(?:1{_GAP}[89]|2{_GAP}0)(?:{_GAP}\d){{9}}{_GAP}[\dXx]"
_MOBILE = rf"1{_GAP}[3-9](?:{_GAP}\d){{9}}"
_PLATE = r"[A-Z][ ·.-]{0,2}(?=(?:[A-Z]*\d){3})(?:[A-Z0-9]{4}[学學警港澳领領挂掛]|[A-Z0-9]{5,6})"

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\w.+-]+ ?@ ?[\w-]+(?:\.[\w-]+)+"), "[email]"),
    (re.compile(rf"(?<![0-9A-Za-z]){_ID}(?![0-9A-Za-z]){_END}"), "[id]"),
    (re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{14,18}}{_END}"), "[number]"),
    (re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?{_MOBILE}(?!\d)"), "[phone]"),
    (re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{1,2}\d{6} ?[(（][0-9A-Za-z][)）]"), "[document]"),
    (re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{1,2}\d(?:[ -]?\d){6,9}(?![0-9A-Za-z])"), "[document]"),
    (re.compile(rf"[{_PROVINCES}] ?{_PLATE}(?![A-Z0-9])", re.IGNORECASE), "[plate]"),
    (re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{8,}}"), "[number]"),
)
_WIDE = {
    **{
        wide: wide - 0xFEE0
        for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
    },
    **{ord(wide): narrow for wide, narrow in zip("＠．＋－　", "@.+- ", strict=True)},
}
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def scrub(text: str) -> str:
    """The text with labels instead of numbers of identity, bank and documents, phones, plates and e-mail.

    Numbers are recognised full-width and with blanks, dots or hyphens between their digits, too. Characters
    that nobody sees or that no database stores are left out.
    """
    out = _CONTROL.sub(" ", _UNSEEN.sub("", text.translate(_WIDE)))
    for pattern, label in _PATTERNS:
        out = pattern.sub(label, out)
    return out
