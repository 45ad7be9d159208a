"""A shop's or visitor's word for a colour becomes a place in CIELAB, in English and Chinese.

The places are our own, picked by eye as sRGB; where a word names a cloth, a wood or a fruit it is
that of the thing. A family's own word is a clear example of it, so that ``name_of`` gives it back.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from shoplens.encode.colours.lab import Lab
from shoplens.encode.words.fold import fold

WORDS: Mapping[str, str] = {
    "#1f1f21": "black|jet|onyx|ebony|黑|纯黑|曜石黑|乌木",
    "#38393d": "charcoal|anthracite|graphite|off black|炭|炭黑|炭灰|石墨",
    "#84868a": "grey|gray|stone grey|灰|中灰",
    "#6a7178": "slate|steel grey|slate grey|石板|石板灰|铁灰",
    "#b9bbbd": "ash|dove grey|melange|heather|grey melange|heather grey|烟灰|麻灰",
    "#c6c8ca": "silver|steel|chrome|pewter|platinum|银|银白|钢|不锈钢|铂金",
    "#f7f7f6": "white|snow|snow white|pure white|optic white|白|纯白|雪白",
    "#f4f0e7": "off white|ivory|eggshell|pearl|chalk|米白|象牙|象牙白|珍珠白|本白|乳白|奶白",
    "#ece0c4": "cream|ecru|奶油|奶油白|奶黄",
    "#d8c4a0": "beige|sand|oatmeal|natural|linen|nude|skin|米|沙|燕麦|裸|肤|米黄|米杏|原|亚麻",
    "#e3c9a8": "apricot beige|almond|champagne|杏|浅杏|香槟",
    "#b3a184": "khaki|taupe|stone|mushroom|greige|卡其|灰褐|奶茶",
    "#7a4a28": "brown|chestnut|hazel|wood|棕|褐|栗|栗棕|棕褐|木|咖啡棕",
    "#b07a45": "tan|camel|caramel|oak|toffee|驼|骆驼|焦糖|橡木|浅棕",
    "#a8622e": "cognac|ginger|whisky|saddle|干邑|马鞍棕",
    "#4f3222": "chocolate|coffee|mocha|espresso|walnut|umber|巧克力|咖啡|咖|胡桃|胡桃木|深棕|可可",
    "#b08d57": "bronze|antique brass|brass|青铜|黄铜|古铜",
    "#b46a3c": "copper|红铜|紫铜",
    "#c9a227": "gold|golden|金|金黄|土豪金",
    "#d9a58f": "rose gold|玫瑰金",
    "#c4242a": "red|scarlet|crimson|cherry|cherry red|poppy|ruby|lipstick red|vermilion|红|大红"
    "|正红|朱红|樱桃红|猩红|中国红|鲜红|辣椒红",
    "#d9412f": "tomato|flame|番茄红|火焰红",
    "#9c3a28": "brick|brick red|rust red|砖红|铁锈红",
    "#6f1a26": "burgundy|maroon|wine|wine red|bordeaux|oxblood|claret|garnet|酒红|枣红|暗红|勃艮第"
    "|牛血红|波尔多|紫红",
    "#f08063": "coral|salmon|living coral|珊瑚|珊瑚红|三文鱼",
    "#e8721c": "orange|tangerine|pumpkin|signal orange|橙|橘|桔|橘黄|橙黄|南瓜",
    "#c4581f": "burnt orange|焦橙",
    "#b3572a": "rust|terracotta|sienna|铁锈|陶土|砖橘",
    "#fbc4a0": "peach|apricot|蜜桃|桃",
    "#f2cb1d": "yellow|sunshine|sunflower|canary|黄|明黄|亮黄|向日葵黄|柠檬",
    "#f6e96b": "lemon|lemon yellow|柠檬黄|鹅黄",
    "#d29a20": "mustard|ochre|honey|amber|saffron|姜黄|芥末|芥末黄|土黄|蜂蜜黄|琥珀",
    "#2f8f46": "green|grass green|kelly green|绿|草绿|正绿|叶绿",
    "#0f6b4a": "emerald|jade|祖母绿|翡翠绿|翠绿",
    "#1f4a35": "forest|forest green|bottle green|pine|hunter green|墨绿|深绿|松绿|森林绿|祖母墨绿",
    "#6b6d34": "olive|olive green|army|army green|military|moss|橄榄|橄榄绿|军绿|苔藓绿|抹茶",
    "#9caf88": "sage|sage green|pistachio|celadon|鼠尾草|鼠尾草绿|灰绿|豆绿|青瓷",
    "#9edbc0": "mint|mint green|seafoam|薄荷|薄荷绿|浅绿",
    "#94c83d": "lime|lime green|apple green|neon green|chartreuse|青柠|苹果绿|荧光绿|黄绿",
    "#127a7a": "teal|petrol|peacock|青|蓝绿|孔雀|孔雀绿|孔雀蓝|水鸭",
    "#2db5b5": "turquoise|aqua|cyan|绿松石|湖水蓝|湖蓝|青绿|蒂芙尼蓝",
    "#2c62ad": "blue|medium blue|蓝|正蓝|湛蓝",
    "#1f45a8": "royal blue|cobalt|cobalt blue|electric blue|sapphire|宝蓝|宝石蓝|钴蓝|克莱因蓝"
    "|皇家蓝",
    "#1f2c4d": "navy|navy blue|midnight|midnight blue|ink|ink blue|藏青|藏蓝|海军蓝|深蓝|墨蓝"
    "|午夜蓝|藏",
    "#3f5878": "denim|indigo|denim blue|牛仔|牛仔蓝|靛蓝|靛",
    "#7fb4e0": "sky|sky blue|light blue|baby blue|powder blue|天蓝|浅蓝|淡蓝|婴儿蓝|水蓝",
    "#7a8fa3": "dusty blue|steel blue|slate blue|airforce blue|灰蓝|雾霾蓝|雾蓝",
    "#6d3b95": "purple|grape|紫|正紫|葡萄紫",
    "#8a5fc0": "violet|amethyst|紫罗兰|紫晶",
    "#4a2748": "plum|aubergine|eggplant|梅子|梅紫|茄|茄紫|深紫",
    "#b9a2d9": "lavender|lilac|薰衣草|薰衣草紫|丁香|丁香紫|浅紫|淡紫|香芋|香芋紫",
    "#9a6f8f": "mauve|dusty purple|藕荷|灰紫",
    "#f08cae": "pink|candy pink|粉|粉红|桃粉|糖果粉",
    "#f5c6cb": "blush|light pink|baby pink|powder pink|浅粉|淡粉|裸粉|樱花粉|婴儿粉",
    "#c98a8c": "dusty pink|dusty rose|rose|old rose|豆沙|豆沙粉|脏粉|藕粉|玫瑰粉",
    "#d6257e": "magenta|fuchsia|hot pink|rose red|raspberry|玫红|玫瑰红|洋红|品红|桃红|梅红|覆盆子",
}
"""Words for each place, parted by ``|``, the Chinese without their 色."""

SHIFTS: Mapping[str, float] = {
    "light": 18, "pale": 18, "pastel": 20, "soft": 10, "浅": 18, "淡": 18, "亮": 6, "bright": 6,
    "dark": -18, "deep": -15, "暗": -18, "深": -18,
}  # fmt: skip
"""How many steps of lightness a word before a colour adds."""

CERTAIN = frozenset({
    "black", "grey", "gray", "white", "ivory", "beige", "khaki", "taupe", "brown", "red", "scarlet",
    "crimson", "burgundy", "maroon", "orange", "ochre", "yellow", "gold", "golden", "silver",
    "green", "turquoise", "teal", "cyan", "aqua", "blue", "navy", "indigo", "purple", "violet",
    "mauve", "lilac", "lavender", "pink", "magenta", "fuchsia", "黑", "白", "灰", "红", "橙", "黄",
    "绿", "蓝", "紫", "粉", "棕", "褐", "青", "米", "金", "银",
})  # fmt: skip
"""Words that say a colour inside a longer text; coffee, rose or 珍珠 may be the thing itself."""
NAMING = ("color", "colour", "colored", "coloured", "tone", "shade")
"""After one of these words, and before 色, every word of ``WORDS`` says a colour."""
LONGEST_TEXT = 300
"""What comes after so many characters of a text is not searched for colours."""

_PHRASE, _RUN = 3, 6
"""At most so many words in English, characters in Chinese, make one colour."""
_PIECES = re.compile(r"#?[a-z0-9]+|[\u4e00-\u9fff]+|[^\sa-z0-9\u4e00-\u9fff]+")
_PLACES = {word: place for place, words in WORDS.items() for word in words.split("|")}
_ENGLISH_SHIFT = re.compile(r"(light|pale|pastel|soft|bright|dark|deep)[ -]+(.+)")
_CHINESE_SHIFT = re.compile("([浅淡亮暗深])(.+)")


def parse_colour(text: str) -> Lab | None:
    """Say where a colour lies: ``red``, ``navy``, ``dark green``, ``米色``, ``浅灰``, ``#c0392b``.

    None for what is no colour, or no single one: ``multicolour``, ``clear``, ``花色``.
    """
    word = " ".join(fold(text).replace("-", " ").split())
    if word.startswith("#"):
        return Lab.of_hex(word)
    return _place(word) or _shifted(word)


def colours_said(text: str) -> tuple[Lab, ...]:
    """Find every colour in what a shop calls a product's colour, in order.

    ``black/white``, ``gold with brown strap`` and ``白底蓝花`` have two, ``navy blue`` and ``flame
    orange`` one: of English colours side by side the last is meant.
    """
    whole = parse_colour(text)
    return (whole,) if whole else tuple(_said(text, lambda _word: True))


def colour_in(text: str) -> Lab | None:
    """Find the colour that a visitor's words ask for, such as ``navy blue dress`` or ``红色的包``.

    None if they ask for none: a coffee mug or 牛仔裤 is a thing, while ``coffee coloured`` and
    ``咖啡色`` are colours. Of several, the first.
    """
    if fold(text).strip().startswith("#"):
        return parse_colour(text)
    return next(_said(text, _is_certain), None)


def _is_certain(word: str) -> bool:
    """Tell whether a colour's word can be nothing else: by itself, by its last word, or by 色."""
    if word.isascii():
        return word.rpartition(" ")[2] in CERTAIN
    return word.endswith("色") or (len(word) > 1 and word[-1] in CERTAIN)


def _said(text: str, is_meant: Callable[[str], bool]) -> Iterator[Lab]:
    """Give the colours of a text, the longest word for each."""
    folded = fold(text[:LONGEST_TEXT]).replace("-", " ")
    pieces = [found[0] for found in _PIECES.finditer(folded)]
    at = 0
    while at < len(pieces):
        if not pieces[at].isascii():
            yield from _said_in_chinese(pieces[at], is_meant)
            at += 1
            continue
        last: Lab | None = None
        while found := _phrase(pieces, at, is_meant):
            last, length = found
            at += length
        if last:
            yield last
        else:
            at += 1


def _phrase(pieces: list[str], at: int, is_meant: Callable[[str], bool]) -> tuple[Lab, int] | None:
    """Find the longest English colour that begins here, and how many words it has."""
    for length in range(min(_PHRASE, len(pieces) - at), 0, -1):
        word = " ".join(pieces[at : at + length])
        after = pieces[at + length] if at + length < len(pieces) else ""
        if (lab := parse_colour(word)) and (after in NAMING or is_meant(word)):
            return lab, length
    return None


def _said_in_chinese(run: str, is_meant: Callable[[str], bool]) -> Iterator[Lab]:
    """Give the colours of characters; a thing's before a colour's only shades that: 珊瑚橙."""
    at = 0
    shade: Lab | None = None
    while at < len(run):
        words = (run[at : at + length] for length in range(_RUN, 0, -1))
        found = next(((w, lab) for w in words if (lab := parse_colour(w)) and is_meant(w)), None)
        word, colour = found or (run[at], None)
        if shade and not colour:
            yield shade
        shade = None if _is_plain(word) else colour
        if colour and not shade:
            yield colour
        at += len(word)
    if shade:
        yield shade


def _is_plain(word: str) -> bool:
    return word.removesuffix("色")[-1:] in CERTAIN


def _place(word: str) -> Lab | None:
    place = _PLACES.get(word) or _PLACES.get(word.removesuffix("色"))
    return Lab.of_hex(place) if place else None


def _shifted(word: str) -> Lab | None:
    found = _ENGLISH_SHIFT.fullmatch(word) or _CHINESE_SHIFT.fullmatch(word)
    colour = _place(found[2]) if found else None
    if not found or not colour:
        return None
    lightness = min(max(colour.lightness + SHIFTS[found[1]], 0.0), 100.0)
    return Lab(lightness, colour.a, colour.b)
