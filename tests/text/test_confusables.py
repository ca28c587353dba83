# ruff: noqa: RUF001 characters that look alike are what this is about
import hashlib
import os
import sys
import unicodedata
from pathlib import Path

import pytest

from panda_addon.text.confusables import CONFUSABLES, SPLIT_CASES, VERSION
from scripts import confusing

# Unicode's table, where there is one: no package puts it anywhere.
TABLE = Path(os.environ.get("PANDA_CONFUSABLES", confusing.TABLE))

# What the phrase index takes for one letter.
ALIKE = str.maketrans("1l0", "iio")

EXCERPT = """\
\ufeff# confusables.txt
# Version: 99.1.0

0430 ;\t0061 ;\tMA\t# a letter
0412 ;\t0042 ;\tMA\t# one whose small form looks like no ASCII letter
0432 ;\t0299 ;\tMA\t# and that
03B7 ;\t006E 0329 ;\tMA\t# a mark on the prototype
20A5 ;\t0072 006E 0338 ;\tMA\t# an m
1D426 ;\t0072 006E ;\tMA\t# an m that decomposition knows
0031 ;\t006C ;\tMA\t# ASCII
0627 ;\t006C ;\tMA\t# a script that stays itself
05C0 ;\t006C ;\tMA\t# punctuation
2223 ;\t006C ;\tMA\t# a symbol
"""


def fold(text):
    """A text folded as the phrase index does it, and its look-alikes."""
    found = ""
    for char in text:
        shown = "".join(CONFUSABLES.get(ord(c), c) for c in unicodedata.normalize("NFKD", char))
        shown = CONFUSABLES.get(ord(char), shown)
        shown = "".join(c for c in shown if unicodedata.category(c) not in ("Mn", "Me"))
        found += unicodedata.normalize("NFKD", shown.casefold())
    return found


def test_version_is_named():
    """The table says which of Unicode's it is."""
    assert VERSION == "15.0.0"


def test_table_is_the_known_one():
    """No entry comes, goes or changes but on purpose."""
    table = "".join(f"{point:04X} {prototype}\n" for point, prototype in sorted(CONFUSABLES.items()))
    assert (len(CONFUSABLES), hashlib.sha256(table.encode()).hexdigest()) == (
        868,
        "e3f96140c7dd7d660808d8b25485e3c1051883837d08455ceae0bbbe55e83822",
    )


@pytest.mark.skipif(not TABLE.is_file(), reason=f"no {TABLE}: PANDA_CONFUSABLES may name Unicode's confusables.txt")
def test_table_is_what_the_script_writes():
    """The module is what the script makes of Unicode's table."""
    assert confusing.MODULE.read_text(encoding="utf-8") == confusing.module(TABLE)


def test_script_reads_a_table(tmp_path):
    """The script takes the version and what its rules let in."""
    (tmp_path / "table.txt").write_text(EXCERPT, encoding="utf-8")
    version, table = confusing.read(tmp_path / "table.txt")
    assert (version, table) == ("99.1.0", {"а": "a", "В": "B", "η": "n", "₥": "m", "∣": "l"})


def test_script_shares_prototypes_between_cases(tmp_path):
    """A letter that looks like nothing has the prototype of its other case, and what the script writes is Python."""
    (tmp_path / "table.txt").write_text(EXCERPT, encoding="utf-8")
    names = {}
    exec(confusing.module(tmp_path / "table.txt"), names)
    table = names["CONFUSABLES"]
    assert [table[ord(char)] for char in "аАвВηΗ∣"] == ["a", "a", "B", "B", "n", "n", "l"]
    assert (names["VERSION"], names["SPLIT_CASES"]) == ("99.1.0", frozenset())


@pytest.mark.parametrize("text", ["", "0430 ;\t0061 ;\tMA\n", "# Version: 15.0.0\n"])
def test_script_refuses_other_files(tmp_path, text):
    """A file without a version or without look-alikes is not the table."""
    (tmp_path / "other.txt").write_text(text)
    with pytest.raises(SystemExit, match=r"other\.txt is not"):
        confusing.read(tmp_path / "other.txt")


def test_script_writes_the_module(tmp_path, monkeypatch):
    """The script writes the module from the table it is given."""
    (tmp_path / "table.txt").write_text(EXCERPT, encoding="utf-8")
    monkeypatch.setattr(confusing, "MODULE", tmp_path / "module.py")
    monkeypatch.setattr(sys, "argv", ["confusables", str(tmp_path / "table.txt")])
    confusing.main()
    assert (tmp_path / "module.py").read_text(encoding="utf-8") == confusing.module(tmp_path / "table.txt")


def test_script_says_where_the_table_is_from(tmp_path, monkeypatch, capsys):
    """Without a table the script says where to read about it."""
    monkeypatch.setattr(sys, "argv", ["confusables", str(tmp_path / "none.txt")])
    with pytest.raises(SystemExit):
        confusing.main()
    assert "confusing.py" in capsys.readouterr().err


def test_sources_and_prototypes():
    """A source is a character beyond ASCII and no mark, a prototype ASCII letters and digits."""
    assert not [point for point in CONFUSABLES if point < 0x80 or unicodedata.category(chr(point))[0] in "MCZP"]
    assert not [prototype for prototype in CONFUSABLES.values() if not (prototype.isascii() and prototype.isalnum())]


def test_nothing_is_said_twice():
    """What decomposition and case folding make ASCII is not in the table."""
    twice = [
        chr(point)
        for point in CONFUSABLES
        if confusing.plain(confusing.plain(chr(point)).casefold()) == CONFUSABLES[point].casefold()
    ]
    assert not twice


@pytest.mark.parametrize(
    ("script", "text", "seen"),
    [
        ("Cyrillic", "раураl", "paypal"),
        ("Cyrillic capitals", "АВЕКМНОРСТХ", "abekmhopctx"),
        ("Cyrillic small", "авекмнорстх", "abekmhopctx"),
        ("Cyrillic, Ukrainian", "іјѕ", "ijs"),
        ("Cyrillic, Kurdish", "ԛԝ", "qw"),
        ("Cyrillic palochka", "Ӏӏ", "li"),
        ("Cyrillic, with marks", "ёїй", "eiи"),
        ("Cyrillic, two letters", "ӕ", "ae"),
        ("Greek capitals", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhlkmnoptyx"),
        ("Greek small", "αβεζηικμνορτυχ", "abeznikmvoptux"),
        ("Greek, with marks", "άέήίόύώ", "aeniouω"),
        ("Greek sigmas", "Σσς", "ooo"),
        ("Greek symbols", "ϐϰϱϲϳ", "bkpcj"),
        ("Armenian", "օոսհց", "onuhg"),
        ("Armenian capitals", "ՕՏՍ", "osu"),
        ("Coptic", "ⲞⲢⲤ", "opc"),
        ("Cherokee", "ᎪᏴᏟᎠᎬᏀᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᎩᏃ", "abcdeghjklmprstvwyz"),
        ("Cherokee small", "ꭺꮯꭼꮃ", "acew"),
        ("Lisu", "ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ", "abcdefghljklmnoprstuvwxyz"),
        ("Canadian syllabics", "ᗩᗷᑕᗪᗴᖴᕼᒍᒪᗰᑎᑭᑫᖇᔕᑌᐯᗯ᙭ᘔ", "abcdefhjlmnpqrsuvwxz"),
        ("Deseret", "𐐄𐐕𐐛𐐠", "ocls"),
        ("Carian", "𐊠𐊡𐊢", "abc"),
        ("Elbasan", "𐔜𐔖", "co"),
        ("Lycian", "𐊂𐊆𐊕", "bep"),
        ("Old Italic", "𐌁𐌂𐌕", "bct"),
        ("Runic", "ᛕᛖᚷ", "kmx"),
        ("IPA", "ɑɡɩʋɣ", "agiuy"),
        ("IPA hooks", "ɓɗɠɦɱɳɽʂʐ", "bdghmnrsz"),
        ("IPA digraphs", "ʣʦ", "dzts"),
        ("Latin strokes", "øđħŧłƀɨɍ", "odhtlbir"),
        ("Latin strokes, capitals", "ØĐĦŦŁɃƗɌ", "odhtlblr"),
        ("Latin ligatures", "æœꜳꜵꜷ", "aeoeaaaoau"),
        ("Latin dotless", "ıȷ", "iȷ"),
        ("Latin eth", "Ðð", "dd"),
        ("Latin clicks", "ǀǁ", "lll"),
        ("Latin hooks", "ƁƊƑƘƤƬƲƳ", "bdfkptuy"),
        ("Latin digits", "ƧƷȜƼȢ", "23358"),
        ("Latin tones", "ƽƅ", "sb"),
        ("Latin, lately added", "ꞪꞲꞴꞵꭓ", "hjbbx"),
        ("small capitals", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz"),
        ("turned small", "ɐɔǝəɟᵷɥᴉɾʞꞁɹʇʌʍʎ", "aceefghijklrtvwy"),
        ("turned capitals", "ⱯƆƎꞍꞰɅ", "acehkv"),
        ("turned m, by Unicode", "Ɯɯ", "ww"),
        ("mirrored", "ɘↄᴙᴎ", "ecrn"),
        ("currency", "₳฿₵ĐɆ₣₲ĦłJ₭Ⱡ₥₦Ø₱QⱤ₴₮ɄV₩ӾɎⱫ", "abcdefghljklmnopqrstuvwxyz"),
        ("currency signs", "¢€£¥₡₽₿₫", "celycpbd"),
        ("discs", "🅐🅑🅒🅩", "abcz"),
        ("boxes", "🅰🅱🅲🆉", "abcz"),
        ("boxes, by decomposition", "🄰🄱🅉", "abz"),
        ("rings", "ⓐⒶⓩⓛ", "aazl"),
        ("parentheses", "⒜⒝⒵🄐🄩", "abzaz"),
        ("regional indicators", "🇫🇺🇳🇿", "funz"),
        ("fullwidth", "ＤａｒｎＩ", "darni"),
        ("bold", "𝐝𝐚𝐦𝐧", "damn"),
        ("script and fraktur", "𝓭𝓪𝓶𝓷 𝖉𝖆𝖒𝖓 ℑℐ", "damn damn ii"),
        ("bold Greek", "𝛂𝛎𝚨𝚩", "avab"),
        ("mathematical digits", "𝟎𝟏𝟘", "010"),
        ("letterlike", "ℎℏ℮ℽ", "hhey"),
        ("Roman numerals", "ⅠⅡⅿⅭ", "iiimc"),
        ("subscripts", "ᵢₙ", "in"),
        ("superscripts", "ᵐ⁰", "m0"),
        ("long s", "paſſ", "pass"),
        ("bars", "∣￨∥", "llll"),
        ("operators", "×∪∨∞⊤", "xuvoot"),
        ("APL", "⍺⍳⍴", "aip"),
        ("m in disguise", "ɱ₥", "mm"),
        ("ASCII", "rn m 0Oo 1Il|", "rn m 0oo 1il|"),
    ],
)
def test_what_looks_like_ascii(script, text, seen):
    """Characters of every script that imitates Latin come out as what people read."""
    assert fold(text) == seen, script


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("Arabic", "السلام عليكم ١٥٧"),
        ("Persian", "خواهش می‌کنم ۱۵۷"),
        ("Urdu", "شکریہ"),
        ("Hebrew", "סוד טוב מאוד"),
        ("Yiddish", "װאָס"),
        ("Hindi", "नमस्ते ०१"),
        ("Bengali", "ধন্যবাদ ০৪৭"),
        ("Punjabi", "ਧੰਨਵਾਦ ੦੧੪"),
        ("Gujarati", "આભાર ૦"),
        ("Odia", "ଠିକ୍ ୦୨"),
        ("Tamil", "நன்றி ௦"),
        ("Telugu", "తెలుగు ౦"),
        ("Kannada", "ಕನ್ನಡ ೦"),
        ("Malayalam", "മലയാളം ഠ ൦൭"),
        ("Sinhala", "සිංහල"),
        ("Thai", "ขอบคุณ ๐"),
        ("Lao", "ຂອບໃຈ ໐"),
        ("Burmese", "ဝါဝင် ၀"),
        ("Georgian", "ყველა ჿ"),
        ("Amharic", "ዐመት ሀገር"),
        ("N'Ko", "ߒߞߏ ߊ߀"),
        ("Tamazight", "ⵜⴰⵎⴰⵣⵉⵖⵜ ⵔⵏⴹ"),
        ("Osage", "𐓪𐓶𐓂"),
        ("Chinese", "卂乃匚千山工口"),
        ("Chinese zero", "二〇〇〇"),
        ("Bopomofo", "ㄥㄖㄒㄩㄚ"),
        ("Japanese", "エロ へ ﾌ"),
        ("Korean", "이응 ㅇ ㅣ"),
        ("punctuation", "‖ ׀ ᙮ “ ” … – ·"),
    ],
)
def test_native_text_stays_itself(language, text):
    """No character is in the table of a script with a few letters that happen to look Latin."""
    assert not [char for char in text if ord(char) in CONFUSABLES], language


def cases():
    """Every character that is a letter with another case of one character."""
    every = (chr(point) for point in range(0x80, sys.maxunicode + 1) if not 0xD800 <= point < 0xE000)
    return [c for c in every if unicodedata.category(c) != "Mn" and len(c.casefold()) == 1 and c.casefold() != c]


def test_cases_look_the_same():
    """The cases of a letter fold to the same, but for those that are named."""
    differ = {
        char
        for char in cases()
        if fold(char).translate(ALIKE) != fold(char.casefold()).translate(ALIKE)
        and not SPLIT_CASES.intersection(unicodedata.normalize("NFD", char))
    }
    assert not differ


@pytest.mark.parametrize(("capital", "small"), ["Ƽƽ", "Ηη", "Νν", "Υυ", "Бб"])
def test_split_cases(capital, small):
    """Letters of which Unicode says that their cases look like different ones keep both."""
    assert capital.lower() == small
    assert {capital, small} <= SPLIT_CASES
    assert fold(capital) != fold(small)


def test_split_cases_are_these():
    """No other letter is split."""
    assert frozenset("ƼƽΗηΝνΥυБб") == SPLIT_CASES


@pytest.mark.parametrize("word", ["вор", "мать", "народ", "съезд", "σκατα", "μαλακας", "օրոր", "ꭰꮣ", "øl", "đak"])
def test_native_words_are_blind_to_case(word):
    """A word without split letters folds to the same in small letters and in capitals."""
    assert not SPLIT_CASES.intersection(word)
    assert fold(word).translate(ALIKE) == fold(word.upper()).translate(ALIKE)
