"""One cell becomes one value: text, prices, availability, lists of images, category paths."""

import html
import json
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
MAX_HTML = 60_000


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_INVISIBLE = re.compile(r"[\ufeff\u200b]")
_MARKUP = re.compile(r"<[a-zA-Z!/?]|&[#a-zA-Z]")
_BLOCKS = _words(
    "br p div li ul ol tr td th table h1 h2 h3 h4 h5 h6 section article hr",
)

# ISO 4217, active codes of states; a three-letter word beside a number counts only if it is here.
CURRENCIES = _words(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP",
    "BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP",
    "GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR",
    "KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK",
    "MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR",
    "SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS",
    "UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG",
)
# Longest first: "US$" must not be read as "$". A bare ¥ is taken for CNY unless the feed names
# another currency, a bare $ for USD.
_SYMBOLS = (
    ("US$", "USD"), ("HK$", "HKD"), ("NT$", "TWD"), ("R$", "BRL"), ("C$", "CAD"), ("A$", "AUD"),
    ("S$", "SGD"), ("人民币", "CNY"), ("RMB", "CNY"), ("$", "USD"), ("€", "EUR"), ("£", "GBP"),
    ("¥", "CNY"), ("元", "CNY"), ("円", "JPY"), ("₹", "INR"), ("₩", "KRW"), ("₽", "RUB"),
    ("₺", "TRY"), ("₫", "VND"), ("₴", "UAH"), ("zł", "PLN"), ("Kč", "CZK"),
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z]{3}")
_NUMBER = re.compile(r"-?\d[\d.,]*")
_PLAIN = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_TIMES = {"k": 1000, "K": 1000, "万": 10_000, "萬": 10_000}
_GROUPED = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}")

_YES = _words(
    "instock available availablefororder yes true y preorder presale backorder onbackorder",
    "backordered backorderable limitedavailability limitedstock lowstock onlineonly instoreonly",
    "madetoorder auflager verfügbar lieferbar enstock disponible si sí oui ja 有货 现货 有 在售 是",
    "预售 上架 在庫あり",
)
_NO = _words(
    "outofstock soldout unavailable notavailable no false n discontinued none reserved",
    "ausverkauft nichtverfügbar nichtauflager épuisé rupture agotado nein non 缺货 无货 售罄",
    "下架 否 无 已下架 断货 在庫なし",
)

_URL = re.compile(r"(?:https?:)?//\S", re.IGNORECASE)
_SUFFIX = "|".join(suffix[1:] for suffix in IMAGE_SUFFIXES)
_IMAGE = re.compile(rf"\.(?:{_SUFFIX})(?:[?#]\S*)?$", re.IGNORECASE)
_BREAK = re.compile(r"([,;]|\s+(?=(?:https?:)?//))", re.IGNORECASE)


def clean(text: str, limit: int = 1000) -> str:
    """One line of printable NFC text, runs of space made one, cut after ``limit`` characters."""
    if not text:
        return ""
    if not (text.isascii() and text.isprintable()):
        text = _CONTROL.sub(" ", _INVISIBLE.sub("", text))
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())[:limit].rstrip()


class _Shown(HTMLParser):
    """Collects what a browser would show."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._hidden = tag in {"script", "style"}
        if tag in _BLOCKS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False
        if tag in _BLOCKS:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def strip_html(text: str, limit: int = 20_000) -> str:
    """Text without tags, entities decoded; plain text comes back cleaned and otherwise as it is."""
    if not _MARKUP.search(text):
        return clean(text, limit)
    shown = _Shown()
    shown.feed(text[:MAX_HTML])
    shown.close()
    return clean("".join(shown.parts), limit)


def plain_title(text: str) -> str:
    """A title with entities decoded; angle brackets in it are kept, ``<3`` is no tag."""
    return clean(html.unescape(text) if "&" in text else text)


@dataclass(frozen=True, slots=True)
class Price:
    """An amount in major units; ``currency`` is empty when the cell does not tell."""

    amount: Decimal
    currency: str


def parse_price(cell: str) -> Price | str:
    """Read ``12.99 USD``, ``$1,299.00``, ``1.299,00 €``, ``899元``; else say what is wrong.

    One comma or point followed by exactly three digits: a comma groups thousands, a point is
    decimal (machines write ``240.000``) unless the price ends in a euro sign.
    """
    text = unicodedata.normalize("NFKC", cell).strip()
    amount, currency = _split_currency(text)
    digits = re.sub(r"[\s'’_]", "", amount)
    if digits.endswith((",-", ".-")):
        digits = digits[:-2]
    if not (digits.isascii() and _NUMBER.fullmatch(digits)):
        return f"{clean(cell, 60)!r} is not a number"
    if digits.startswith("-"):
        return f"{clean(cell, 60)!r} is negative"
    number = _decimal_point(digits, german=text.endswith("€"))
    if number is None or len(number) > 18:
        return f"{clean(cell, 60)!r} is not a number"
    return Price(Decimal(number), currency)


def _split_currency(text: str) -> tuple[str, str]:
    for word in _WORD.findall(text):
        if word.upper() in CURRENCIES:
            return text.replace(word, "", 1), word.upper()
    for symbol, currency in _SYMBOLS:
        if symbol in text:
            return text.replace(symbol, "", 1), currency
    return text, ""


def _decimal_point(digits: str, *, german: bool) -> str | None:
    """Rewrite so that a point is decimal; None when the separators make no sense."""
    commas, points = digits.count(","), digits.count(".")
    if commas and points:
        if digits.rindex(",") > digits.rindex("."):
            digits = digits.replace(".", "").replace(",", ".")
        else:
            digits = digits.replace(",", "")
    elif commas:
        grouped = _GROUPED.fullmatch(digits)
        digits = digits.replace(",", "" if grouped else ".")
    elif points > 1 or (german and len(digits) - digits.rfind(".") == 4):
        digits = digits.replace(".", "")
    digits = digits.rstrip(".")
    return digits if digits and digits.count(".") <= 1 else None


def parse_popularity(cell: str) -> float | str:
    """Read ``1,204``, ``0.73``, ``1e-05``, ``500+``, ``1.2k``, ``3万+``; else say what is wrong."""
    text = re.sub(r"[\s'’_]", "", unicodedata.normalize("NFKC", cell)).removesuffix("+")
    times = _TIMES.get(text[-1:], 1)
    digits = text[:-1] if times > 1 else text
    plain: str | None = digits if _PLAIN.fullmatch(digits) else None
    if plain is None and digits.isascii() and _NUMBER.fullmatch(digits):
        plain = _decimal_point(digits, german=False)
    number = float(Decimal(plain) * times) if plain and len(plain) < 100 else math.nan
    if not math.isfinite(number):
        return f"{clean(cell, 60)!r} is not a number"
    return f"{clean(cell, 60)!r} is negative" if number < 0 else abs(number)


def parse_currency(cell: str) -> str:
    """An ISO code from a code or a symbol; empty when it is neither."""
    text = unicodedata.normalize("NFKC", cell).strip()
    return text.upper() if text.upper() in CURRENCIES else dict(_SYMBOLS).get(text, "")


def parse_stock(cell: str) -> bool | None:
    """Whether it can be ordered, from a word, a schema.org URL or a quantity; None: cannot tell."""
    word = re.sub(r"[\s_\-.]+", "", cell.strip().rsplit("/", 1)[-1].casefold())
    if word in _YES or word in _NO:
        return word in _YES
    try:
        return float(cell.strip().replace(",", ".")) > 0
    except ValueError:
        return None


def split_images(cell: str) -> list[str]:
    """The images of one cell: a JSON list, or parts between bars, commas, semicolons, spaces.

    A comma or semicolon separates only where another URL begins, or where a path with an image
    suffix stands on both sides; URLs and file names with commas in them stay whole.
    """
    text = cell.strip()
    if text.startswith("["):
        listed = _json_list(text)
        if listed is not None:
            return [part for one in listed for part in split_images(one)]
    found: list[str] = []
    for bar in re.split(r"[|\n\r\x00]", text):
        found.extend(_split_commas(bar))
    return [part for part in found if part]


def _json_list(text: str) -> list[str] | None:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return image_texts(value)


def image_texts(value: object) -> list[str]:
    """URLs or paths in a decoded JSON value: a text, an object that names a URL, or a list."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for one in value if not isinstance(one, list) for text in image_texts(one)]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] json has no types
    if isinstance(value, dict):
        for key in ("contentUrl", "url", "src", "href", "link", "@id"):
            inner: object = value.get(key)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] json has no types
            if isinstance(inner, str) and inner:
                return [inner]
    return []


def _split_commas(text: str) -> list[str]:
    pieces = _BREAK.split(text)
    whole = [pieces[0]]
    for separator, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        ends = bool(_IMAGE.search(whole[-1].strip()))
        starts = _URL.match(piece.strip()) or (ends and _IMAGE.search(piece.strip()))
        if starts or not piece.strip():
            whole.append(piece)
        else:
            whole[-1] += separator + piece
    return [one.strip() for one in whole]


def split_path(cell: str) -> tuple[str, ...]:
    """A category path from broad to narrow, as ``A > B``, ``A/B`` or ``A|B`` write it."""
    text = html.unescape(cell)
    for separator in (">", "»", "›", "|", "::", "/"):
        if separator in text:
            return tuple(level for part in text.split(separator) if (level := clean(part, 200)))
    return (level,) if (level := clean(text, 200)) else ()


def split_values(cell: str, separators: str = "|;") -> tuple[str, ...]:
    """Distinct values of one attribute cell, in order."""
    parts = re.split(f"[{re.escape(separators)}]", cell) if separators else [cell]
    return tuple(dict.fromkeys(value for part in parts if (value := clean(part, 200))))


def sale_is_on(cells: Sequence[str], now: datetime | None) -> bool:
    """Whether ``now`` lies between two ISO dates, either may be empty; unreadable ones are open."""
    if now is None:
        return True
    start, end = [_moment(cell) for cell in (*cells, "", "")[:2]]
    return (start is None or start <= now) and (end is None or now <= end)


def _moment(cell: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(cell.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
