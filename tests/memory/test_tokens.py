"""Memories in any script are found by their words; English is indexed as it always was."""

from __future__ import annotations

import string
from collections.abc import Sequence

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memento_desktop.memory.bank import Bank
from memento_desktop.memory.embeddings import Embeddings
from memento_desktop.memory.memories import Memories
from memento_desktop.memory.search import Search
from memento_desktop.memory.tokens import PASSAGE, PASSAGES, indexable, passages, query_terms, reindex, shown, sought, words

TOKENIZER = "porter unicode61 remove_diacritics 2"
LANGUAGES = {
    "German": (
        ("Der Schlüssel zur Garage liegt unter der Fußmatte.", "Die Strasse vor dem Haus ist gesperrt.", "Jürgens Geburtstag ist im März."),
        {"Wo liegt der Schlüssel?": 0, "fussmatte": 0, "Straße gesperrt": 1, "jurgens geburtstag": 2},
    ),
    "French": (
        ("La clé de la cave est chez Marthe.", "L'œuvre préférée d'Élodie est à Orsay.", "Le prix de l'or a monté."),
        {"où est la clé de la cave": 0, "oeuvre preferee": 1, "ELODIE": 1, "prix de l'or": 2},
    ),
    "Spanish": (
        ("La contraseña del armario es 4471.", "Mañana vuela a Bogotá.", "El pingüino vive en el jardín."),
        {"¿Cuál es la contraseña?": 0, "contrasena": 0, "vuela a bogota": 1, "pinguino": 2},
    ),
    "Turkish": (
        ("İstanbul'daki evin anahtarı Işıl'da.", "Ağabeyim şoför.", "Kedinin adı Pamuk."),
        {"istanbul": 0, "ISTANBUL": 0, "işıl": 0, "isil": 0, "agabeyim": 1, "kedinin adi": 2},
    ),
    "Russian": (
        ("Ёлка стоит в гараже у Марты.", "Мой пароль от почты лежит в сейфе.", "Алексей живёт в Казани."),
        {"елка": 0, "ЁЛКА": 0, "пароль от почты": 1, "живет в казани": 2},
    ),
    "Arabic": (
        ("مفتاح السيارة عند أحمد.", "كَلِمَةُ السِّرِّ هي ٤٤٧١.", "موعد الطبيب يوم الإثنين."),
        {"احمد": 0, "مفتاح السياره": 0, "كلمة السر": 1, "4471": 1, "الاثنين": 2},
    ),
    "Hindi": (
        ("गाड़ी की चाबी रसोई में है।", "मेरी बहन दिल्ली में रहती है।", "डॉक्टर का नंबर २०२४ है।"),
        {"चाबी कहाँ है": 0, "गाडी": 0, "बहन": 1, "दिल्ली": 1, "2024": 2},
    ),
    "Korean": (
        ("저는 서울에서 살아요.", "자동차 열쇠는 서랍에 있어요.", "우리 집 강아지 이름은 보리예요."),
        {"서울": 0, "열쇠가 어디 있어요": 1, "집": 2, "강아지의 이름": 2},
    ),
    "Japanese": (
        ("ロッカーの暗証番号は４４７１です。", "黒い猫の名前はクロです。", "東京都に住んでいます。"),
        {"暗証番号": 0, "ﾛｯｶｰ": 0, "4471": 0, "猫": 1, "猫の名前は何ですか": 1, "東京": 2, "京都に住んで": 2},
    ),
    "Chinese": (
        ("我的车停在三楼停车场。", "妈妈的生日是五月三号。", "储物柜的密码是4471。"),
        {"我的车停在哪里": 0, "停车场": 0, "生日": 1, "妈妈生日是什么时候": 1, "柜": 2, "密码4471": 2},
    ),
    "Thai": (
        ("ฉันจอดรถที่ชั้นสาม", "วันเกิดของแม่คือวันที่สามพฤษภาคม", "รหัสตู้เก็บของคือ ๔๔๗๑"),
        {"จอดรถที่ไหน": 0, "วันเกิดแม่": 1, "รหัสตู้": 2, "4471": 2},
    ),
}  # fmt: skip
SCRIPTS = "aZ9é ß İı ёЁ 北京 東の ハ한국 กที่ำ हिन्दी़ ١كَأ ΟΔΣς Łø 🎂👩‍👧 ﬁ１"
"""Characters of all that is treated in some way, with marks, ligatures and emoji."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_memory_of_any_language_is_found_by_its_words(language: str, bank: Bank, memories: Memories):
    texts, queries = LANGUAGES[language]
    kept = [memories.keep(text).id for text in texts]
    for query, wanted in queries.items():
        hits = Search(bank).find(query)
        assert hits, query
        assert hits[0].memory_id == kept[wanted], query
        assert hits[0].terms, query
        assert hits[0].coverage >= 0.35, query  # what the policy asks of a fact


def index_of(texts: Sequence[str]) -> apsw.Connection:
    db = apsw.Connection(":memory:")
    db.execute(f"CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = '{TOKENIZER}')")
    db.executemany("INSERT INTO t VALUES (?)", [(text,) for text in texts])
    return db


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from(SCRIPTS), max_size=40))
def test_every_text_is_found_by_each_of_its_words(text: str):
    db = index_of([indexable(text)])
    for word in words(text):
        assert list(db.execute("SELECT 1 FROM t WHERE t MATCH ?", (sought(word),))), (text, word)


@given(st.text(max_size=80))
def test_any_text_can_be_indexed_and_asked(text: str):
    db = index_of([indexable(text)])
    for term in query_terms(text):
        db.execute("SELECT 1 FROM t WHERE t MATCH ?", (sought(term),))
    shown(query_terms(text))


@given(st.text(alphabet=string.printable, max_size=120))
def test_ascii_is_left_as_it_is(text: str):
    assert indexable(text) == text


ENGLISH = (
    "The spare keys are hidden in the garden shed.", "Ruth’s locker code is 4471 – don’t tell.", "“Naïve” was written on the café’s door…",
    "Keys, keys and more keys: the drawer is full.", "The code of the garden gate is 12.", "Ruth drives to Lyon on Fridays.",
    "A façade of the shed was painted; the drawer’s code is lost.", "My résumé is in the drawer of the garden table.",
)  # fmt: skip


@pytest.mark.parametrize("query", ["keys", "garden OR code", "drawer OR ruth", "cafe OR resume OR facade", "shed OR gate OR driving"])
def test_english_is_ranked_as_before(query: str):
    ask = "SELECT rowid, bm25(t) FROM t WHERE t MATCH ? ORDER BY bm25(t), rowid"
    plain, ours = (list(index_of(texts).execute(ask, (query,))) for texts in (ENGLISH, [indexable(text) for text in ENGLISH]))
    assert plain == ours


@pytest.mark.parametrize(
    "one, other",
    [
        ("Straße", "STRASSE"), ("İstanbul", "istanbul"), ("ISPARTA", "ısparta"), ("Ёлка", "елка"), ("Ｆｕｌｌ１２", "full12"),
        ("ｶﾀｶﾅ", "カタカナ"), ("cafe\u0301", "CAFÉ"), ("ﬁne", "fine"), ("ΟΔΟΣ", "οδός"), ("Łódź", "lodz"), ("कि\u200dताब", "किताब"),
        ("क़लम", "क\u093cलम"), ("كِتَاب", "كتاب"), ("أحمد", "احمد"), ("Wort\u00adtrennung", "worttrennung"), ("٤٤٧١", "4471"),
    ],
)  # fmt: skip
def test_spellings_of_one_word_are_one_word(one: str, other: str):
    assert words(one)
    for query, text in ((one, other), (other, one)):
        db = index_of([indexable(text)])
        assert all(list(db.execute("SELECT 1 FROM t WHERE t MATCH ?", (sought(word),))) for word in words(query))


def test_emoji_stand_between_words():
    assert words("🎂Anna👩‍👩‍👧3 May🇨🇭") == ["anna", "3", "may"]


@pytest.mark.parametrize(
    "query, terms",
    [
        ("Where is the key of the shed?", ["key", "shed"]),
        ("to be or not to be", ["to", "be", "or", "not"]),
        ("Was war die Not im Haus", ["was", "war", "die", "not", "im", "haus"]),
        ("prix de l'or", ["prix", "de", "l", "or"]),
        ("come si chiama", ["come", "si", "chiama"]),
        ("where does Ana de Armas live", ["ana", "de", "armas", "live"]),
        ("die", ["die"]),
        ("war", ["war"]),
        ("妈妈生日是什么时候", ["妈妈", "妈生", "生日"]),
        ("什么时候", ["什么", "么时", "时候"]),
    ],
)
def test_stop_words_are_those_of_english_queries(query: str, terms: list[str]):
    assert query_terms(query) == terms


def test_a_hit_shows_the_words_of_the_query_and_not_the_pairs(bank: Bank, memories: Memories):
    memories.keep("我的车停在三楼停车场。")
    memories.keep("किताब मेज़ पर है")
    assert Search(bank).find("停车场在哪里 iPhone")[0].terms == ("停车场",)
    assert Search(bank).find("किताब")[0].terms == ("किताब",)


def test_a_bank_from_before_is_indexed_anew(bank: Bank, memories: Memories):
    japanese, english, edited = (memories.keep(text).id for text in ("東京都に住んでいます。", "I live in Bern", "Straße\n" * 2))
    trashed = memories.keep("東京のことは忘れて").id
    memories.trash(trashed)
    for number in (japanese, english, edited):  # as `Bank.index` wrote them then
        memory = memories.get(number)
        body = memory.body if memory.body != memory.title else ""
        bank.rows("UPDATE memory_text SET title = ?, body = ? WHERE rowid = ?", memory.title, body, number)
    assert Search(bank).find("東京") == []
    with bank.writing():
        assert reindex(bank.db) == 2
    assert [hit.memory_id for hit in Search(bank).find("東京")] == [japanese]
    assert [hit.memory_id for hit in Search(bank).find("strasse")] == [edited]
    with bank.writing():
        assert reindex(bank.db) == 0
    assert bank.problems() == []


def test_long_memories_from_before_are_embedded_anew(bank: Bank, memories: Memories):
    long, short = memories.keep("word " * 500).id, memories.keep("short").id
    embeddings = Embeddings(bank)
    number = embeddings.register("toy", "sha", 2)
    for row, memory in enumerate((long, short), 1):
        digest = memories.get(memory).content_hash
        bank.rows("INSERT INTO embedding (id, memory_id, chunk, embedder_id, content_hash) VALUES (?,?,0,?,?)", row, memory, number, digest)
        bank.rows(f"INSERT INTO vector_{number} (rowid, vector, profile, kind) VALUES (?,?,?,2)", row, bytes(8), "default")
    assert embeddings.waiting_count(number) == 0
    with bank.writing():
        assert reindex(bank.db) == 1
    assert {item.memory_id for item in embeddings.waiting(number)} == {long}
    embeddings.store(number, [(item, bytes(8)) for item in embeddings.waiting(number)])
    with bank.writing():
        assert reindex(bank.db) == 0
    assert embeddings.waiting_count(number) == 0


@given(st.lists(st.sampled_from(["word", "längeres", "東京都庁舎", "x" * 300, "end.\n"]), max_size=400))
def test_passages_hold_the_whole_text(parts: list[str]):
    text = " ".join(parts)
    found = passages(text)
    assert 1 <= len(found) <= PASSAGES
    if len(text) <= PASSAGE and text.isascii():
        assert found == [text]
    if len(found) < PASSAGES:
        held = "\n".join(found)
        assert all(part.strip() in held for part in parts)
    assert all(len(passage) <= PASSAGE for passage in found)


def test_text_without_spaces_is_cut_too():
    found = passages("東" * 1000)
    assert len(found) > 3
    assert len("".join(found)) >= 1000
