import gzip
import json
from pathlib import Path

import pytest

from ingest.language import MIN_WORDS, Languages, words

LONG = {
    "de": "Die Regierung hat am Mittwoch in Berlin ein neues Gesetz beschlossen, das die Aufnahme von "
    "Flüchtlingen regelt. Der Minister sagte, man wolle den Ländern helfen und die Verfahren beschleunigen. "
    "Kritik kam von der Opposition, die das Vorhaben für unzureichend hält und eine Debatte im Bundestag fordert. "
    "Auch die Kommunen verlangen mehr Geld, denn ihre Unterkünfte sind überfüllt, und bald kommt der Winter.",
    "ru": "Российская авиация нанесла первые удары по позициям боевиков в Сирии, сообщили в министерстве обороны. "
    "По словам представителя ведомства, самолёты совершили около двадцати вылетов и поразили восемь целей. Совет "
    "Федерации утром дал согласие на использование вооружённых сил за рубежом. В Вашингтоне заявили, что о начале "
    "операции американских военных предупредили всего за час, и назвали такие действия несогласованными. "
    "Депутаты обсудят положение на ближайшем заседании, решения ждут и соседние страны.",
    "zh": "俄罗斯国防部星期三表示，俄罗斯战机当天对叙利亚境内的目标进行了首次空袭。俄罗斯议会上院早些时候"
    "一致同意总统在国外动用武装力量。美国官员说，俄方只是在行动开始前一小时通知了美国驻巴格达大使馆。"
    "法国和英国对空袭的目标表示怀疑，认为遭到轰炸的地区并没有极端组织的武装人员。",
}


@pytest.mark.parametrize("language", sorted(LONG))
def test_a_long_text_is_told_whatever_the_feed_declares(languages: Languages, language: str) -> None:
    assert words(LONG[language]) >= MIN_WORDS
    assert languages.detect(LONG[language], "sw", "fi") == language


def test_a_short_text_has_the_language_its_feed_declares_else_the_default(languages: Languages) -> None:
    assert languages.detect("Messi trifft in Paris", "de-AT", "en") == "de"
    assert languages.detect("Messi trifft in Paris", None, "en") == "en"


def test_a_text_without_words_of_any_language_is_not_believed(languages: Languages) -> None:
    assert languages.detect("12 34 56 78 90 " * 30, "fr", "en") == "fr"
    assert languages.detect("Washington Obama Putin Merkel Berlin Paris 2016 " * 10, None, "it") == "it"


@pytest.mark.parametrize("declared", ["US", "english", "en/de", "", None, "x" * 1_000])
def test_what_is_no_language_code_is_ignored(languages: Languages, declared: str | None) -> None:
    assert languages.known(declared) is None


def test_codes_are_known_by_all_their_spellings(languages: Languages) -> None:
    assert [languages.known(code) for code in (" EN-us ", "pt_BR", "nb", "iw")] == ["en", "pt", "no", "he"]


def test_chinese_is_counted_by_characters_as_it_has_no_spaces() -> None:
    assert words("俄罗斯战机") == 2
    assert words("one two three") == 3
    assert words("俄罗 two") == 2


def test_all_english_news_is_told_as_english(languages: Languages, data: Path) -> None:
    with gzip.open(data / "stories/stream_dev.jsonl.gz", "rt") as lines:
        texts = [json.loads(line)["text"] for _, line in zip(range(500), lines, strict=False)]
    assert {languages.detect(text, None, "??") for text in texts if words(text) >= MIN_WORDS} == {"en"}
