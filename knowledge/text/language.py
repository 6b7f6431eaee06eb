"""Which language a message is written in: zh-Hans, zh-Hant, yue or en."""

import re

from knowledge.text.script import is_han, to_simplified, to_traditional

LANGUAGES = ("zh-Hans", "zh-Hant", "yue", "en")

# Characters and words that written Cantonese uses and written Mandarin does not.
_CANTONESE = re.compile(
    "[嘅咗喺唔冇佢哋啲咁嗰嚟攞揾搵嘢乜咩噉瞓諗谂啱嗱俾畀咪嘥攰睇㗎喎啩嗌唞]|喇(?![嘛叭])"
    "|邊度(?!假)|(?<![这那旁])边度(?!假)|邊個(?!人|體)|(?<![这那旁])边个(?!人|体)|點樣|点样|點解|点解|幾耐|几耐|幾多|几多"
    "|係咪|系咪|係唔|系唔|係[呀啊]|[就都先只仲亦淨]係|真係|係[邊點]|得未|使乜|唔使"
    "|講嘢|返工|返學|返屋企|屋企|呢個|呢个|呢度|呢啲|聽日|听日|尋日|而家|依家|邊區|邊間|邊位|點先|點搞|点搞"
    "|(?<![一幾几重地特優缺觀點晚早])點(?=[辦改行整轉申續交填去揀用搵攞查叫做計收買賣寫網預約])"
    "|车牌续|車牌續|傾偈|細路|細佬|先至|有冇|使錢|收幾|幾錢|几钱|点申请|打嚟|得閒|得闲|[多唔谢謝烦煩苦劳勞]晒|晒[呀喇]"
)
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")


def detect(text: str, previous: "str | None" = None) -> str | None:
    """The language of a message, or None where it has none (digits, emoji).

    Text that both scripts share ("要多久") takes the Chinese variety of the message before, else zh-Hans.
    In a mixed message Chinese wins unless Latin words clearly prevail (three for each Chinese character).
    """
    han = sum(map(is_han, text))
    latin = len(_LATIN_WORD.findall(text))
    if not han and not latin:
        return None
    if latin > 3 * han:
        return "en"
    if _CANTONESE.search(text):
        return "yue"
    traditional = sum(a != b for a, b in zip(text, to_simplified(text), strict=False))
    simplified = sum(a != b for a, b in zip(text, to_traditional(text), strict=False))
    if traditional > simplified:
        return "zh-Hant"
    if simplified > traditional:
        return "zh-Hans"
    return previous if previous in ("zh-Hans", "zh-Hant", "yue") else "zh-Hans"
