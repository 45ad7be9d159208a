"""Which column holds which field: guessed from the header, overridden by hand, shown to the user.

A mapping is field -> column. Several columns are joined with ``>``: they form the path of a
category, add up to the images, and stand in for one another elsewhere. ``=USD`` is a constant.
Attributes are written ``attributes.colour``.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from operator import itemgetter

from shoplens.errors import FeedError
from shoplens.feed.parse import CURRENCIES, parse_popularity

FIELDS = (
    "id", "title", "description", "brand", "category", "group_id", "price", "sale_price",
    "sale_dates", "currency", "in_stock", "url", "gtin", "mpn", "images", "popularity",
)  # fmt: skip
ATTRIBUTE = "attributes."
_LAST = ("category", "popularity")
"""They take what the other fields leave."""

# Header words without case, spaces and punctuation, the most telling first.
_SYNONYMS: dict[str, str] = {
    "id": "id productid itemid articleid offerid sku productsku itemsku skuid variantsku "
    "productcode itemcode articlecode code itemnumber articlenumber productnumber artikelnummer "
    "uniqueid uid uniqid classid asin styleid 商品编号 商品id 产品编号 产品id 商品编码 产品编码 "
    "编号 编码 货号 instance handle slug spu ean gtin upc barcode",
    "title": "title name producttitle productname itemname itemtitle productdisplayname "
    "displayname articlename titel bezeichnung produktname nom titre nombre nome 标题 商品标题 "
    "商品名称 产品名称 商品名 名称 品名 产品标题 商品 headline",
    "description": "description productdescription longdescription fulldescription desc body "
    "bodyhtml details beschreibung descripción descrizione 描述 商品描述 产品描述 详情 商品详情 "
    "简介 介绍 shortdescription brief summary 卖点",
    "brand": "brand brandname vendor manufacturer manufacturername marke marque marca 品牌 "
    "品牌名称 厂商 制造商",
    "group_id": "itemgroupid groupid group parentid parentsku parentproductid modelid stylecode "
    "productgroupid variantgroupid spuid 款号 款式编号",
    "price": "price productprice regularprice originalprice listprice retailprice unitprice "
    "baseprice fullprice msrp rrp preis prix precio prezzo 原价 市场价 价格 售价 单价 零售价 "
    "商品价格 销售价 标价 priceamount pricevalue",
    "sale_price": "saleprice specialprice discountprice discountedprice offerprice promoprice "
    "promotionalprice finalprice currentprice salesprice 促销价 折扣价 优惠价 现价 活动价 特价",
    "sale_dates": "salepriceeffectivedate",
    "currency": "currency currencycode pricecurrency währung devise moneda 币种 货币",
    "in_stock": "availability instock isinstock stockstatus stock available isavailable inventory "
    "inventoryquantity quantity qty stockquantity lagerbestand verfügbarkeit disponibilité 库存 "
    "库存状态 是否有货 有货 库存数量",
    "url": "link url producturl productlink producturlkey itemurl pageurl deeplink 链接 商品链接 "
    "产品链接 网址 商品地址",
    "gtin": "gtin gtin13 gtin14 ean ean13 upc barcode isbn jan 条码 条形码 国际条码",
    "mpn": "mpn manufacturerpartnumber partnumber modelnumber 型号",
    "images": "imagelink image images imageurl imageurls imagelinks imgurl img imgs imagesrc "
    "imagepath imagefile mainimage mainimageurl primaryimage photo photos photourl picture "
    "pictures pictureurl pic picurl bild bilder bildurl 图片 主图 商品图片 图片链接 图片地址 "
    "图片url 主图链接 商品主图 产品图片 filename filepath file path",
    "popularity": "popularity popularityscore bestsellerscore bestsellingscore unitssold itemssold "
    "quantitysold qtysold soldquantity soldcount totalsold totalsales salescount salesvolume sales "
    "ordercount totalorders orders viewcount totalviews pageviews views beliebtheit verkäufe "
    "popularité ventes popularidad ventas popolarità vendite 销量 总销量 月销量 累计销量 销售量 "
    "销售数量 已售 人气 热度 浏览量",
}
_MORE_IMAGES = re.compile(
    r"(additional|extra|other|more|gallery)(image|photo|picture)s?(link|url)?s?|副图\d*|附图\d*|"
    r"(image|img|photo|picture|imageurl|imagelink|图片|主图)\d{1,2}(url|link)?"
)
_CATEGORY = re.compile(
    r"(product|item|google|goods)?(category|categories|categoryname|categorypath|department|"
    r"producttype|articletype|coarseclass|kategorie|catégorie|categoría|breadcrumbs?|taxonomy)"
    r"|类目|类别|分类|品类|商品分类|商品类目|商品类别|产品分类|所属分类|目录"
)
_LEVELS = (
    re.compile(r"(department|topcategory|rootcategory|一级(类目|分类|品类)|大类)"),
    re.compile(r"(master|main|parent|primary)category(name)?|大分类|父类目|父分类"),
    _CATEGORY,
    re.compile(r"(sub|child|secondary)category(name)?|二级(类目|分类|品类)|子类目?|小类|中类"),
    re.compile(
        r"(subsub|leaf|tertiary)category|articletype|producttype|三级(类目|分类|品类)|叶子类目"
    ),
)
_NUMBERED_LEVEL = re.compile(r"(?:category|cat|l|level|categorylevel)(\d)(?:category|name)?")
_TECHNICAL = re.compile(
    r"(thumb(nail)?|image|img|photo)?(width|height)(px)?|(thumb(nail)?|icon|swatch)s?(url|link)?|"
    r"(created|updated|modified|published)(at|on|date|time)?|timestamp|view|position|sortorder|"
    r"rownumber|index|unnamed\d*|column\d+|checksum|hash|split|row"
)
_NAMED_ID = re.compile(r"(?:(?:^|[_\s.-])id|Id|ID|编号|编码)$")
ATTRIBUTE_NAMES = {
    "basecolour": "colour", "basecolor": "colour", "color": "colour", "colour": "colour",
    "colors": "colour", "colours": "colour", "colorname": "colour", "farbe": "colour",
    "颜色": "colour", "商品颜色": "colour", "颜色分类": "colour", "尺码": "size", "尺寸": "size",
    "size": "size", "sizes": "size", "material": "material", "材质": "material", "面料": "material",
    "性别": "gender", "gender": "gender", "适用性别": "gender", "sex": "gender", "季节": "season",
    "season": "season", "风格": "style", "style": "style", "图案": "pattern", "pattern": "pattern",
}  # fmt: skip
_LONG_TEXT = 120
MAX_ATTRIBUTES = 50
"""Most columns that become attributes by themselves: each costs a store an index."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A finished mapping; ``ignored`` names the columns that are not used."""

    mapping: Mapping[str, str]
    ignored: tuple[str, ...]


def plain_name(header: str) -> str:
    """A header without case, spaces and punctuation: ``Base Colour`` is ``basecolour``."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    return "".join(c for c in folded if c.isalnum())


def attribute_name(header: str) -> str:
    """What an attribute is called: ``colour`` for every word for it, else the header itself."""
    return ATTRIBUTE_NAMES.get(plain_name(header), header)


def guess(
    columns: Sequence[str], sample: Sequence[Mapping[str, str]], given: Mapping[str, str]
) -> Columns:
    """Map ``columns`` to fields: ``given`` wins, known words are guessed, the rest is described.

    ``sample`` holds the first rows; columns whose cells there are short become attributes.

    Raises:
        FeedError: ``given`` names a field or column that is not there, or no column can be
            the id or the title.
    """
    check(given, columns)
    mapping = dict(given)
    for name in sorted(FIELDS, key=_LAST.__contains__):
        if name not in mapping:
            free = [c for c in columns if c not in _used(mapping)]
            found = _find(name, free, sample)
            if found:
                mapping[name] = found
    _guess_currency(mapping)
    for name in ("id", "title"):
        if name not in mapping:
            raise FeedError(_no_column(name, columns))
    return _with_attributes(mapping, columns, sample)


def check(given: Mapping[str, str], columns: Sequence[str]) -> None:
    """See that every field and every column of a mapping made by hand exists.

    Raises:
        FeedError: one does not; the message suggests the nearest.
    """
    for name, written in given.items():
        if name not in FIELDS and not name.startswith(ATTRIBUTE):
            near = _nearest(name, [*FIELDS, *(ATTRIBUTE + c for c in columns)])
            raise FeedError(
                f"no field is called {name!r}{near}; there are {', '.join(FIELDS)}, "
                f"and attributes.NAME"
            )
        for column in parts(written, columns):
            if not column.startswith("=") and column not in columns:
                near = _nearest(column, columns)
                raise FeedError(
                    f"the mapping {name}={written} names a column {column!r} that the feed does "
                    f"not have{near}; it has {', '.join(columns)}"
                )


def parts(written: str, columns: Sequence[str]) -> list[str]:
    """The columns that a mapping's right side names; a column may itself contain ``>``."""
    if written in columns or written.startswith("="):
        return [written]
    return [part.strip() for part in written.split(">") if part.strip()]


def _used(mapping: Mapping[str, str]) -> set[str]:
    return {part.strip() for written in mapping.values() for part in (written, *written.split(">"))}


def _nearest(word: str, known: Sequence[str]) -> str:
    """``; did you mean 'title'?``, or nothing."""
    by_fold = {one.casefold(): one for one in known}
    close = get_close_matches(word.casefold(), list(by_fold), n=1, cutoff=0.6)
    return f"; did you mean {by_fold[close[0]]!r}?" if close else ""


def _find(name: str, columns: Sequence[str], sample: Sequence[Mapping[str, str]]) -> str:
    """The column of a field among those that are left; category and images may have several."""
    if name == "category":
        return _category(columns)
    if name == "popularity":
        columns = [c for c in columns if names_popularity(c) and _counts(c, sample)]
    return _best(name, columns)


def _best(name: str, columns: Sequence[str]) -> str:
    """The column whose header is the best word for this field; images may have several."""
    named = {plain_name(column): column for column in reversed(columns)}
    words = _SYNONYMS[name].split()
    best = next((named[word] for word in words if word in named), "")
    if not best and name in ("price", "sale_price"):
        best = next((c for c in columns if _priced(plain_name(c), words)), "")
    if name != "images":
        return best
    more = [c for c in columns if c != best and _MORE_IMAGES.fullmatch(plain_name(c))]
    return " > ".join([best, *more] if best else more)


def _priced(plain: str, words: Sequence[str]) -> bool:
    """Whether a header is a word for a price beside a currency: ``retail_price_cny``, 价格元."""
    return (plain.endswith("元") and plain[:-1] in words) or (
        plain[-3:].upper() in CURRENCIES and plain[:-3] in words
    )


def _guess_currency(mapping: dict[str, str]) -> None:
    """Take the currency from a price's header when there is no column for it."""
    if "currency" in mapping or "price" not in mapping:
        return
    plain = plain_name(mapping["price"])
    if plain.endswith("元"):
        mapping["currency"] = "=CNY"
    elif plain[-3:].upper() in CURRENCIES:
        mapping["currency"] = f"={plain[-3:].upper()}"


def _category(columns: Sequence[str]) -> str:
    """All columns that name a level of a category, from broad to narrow."""
    levels: list[tuple[int, str]] = []
    for column in columns:
        plain = plain_name(column)
        numbered = _NUMBERED_LEVEL.fullmatch(plain)
        if numbered:
            levels.append((2 + int(numbered[1]), column))
            continue
        found = [n for n, level in enumerate(_LEVELS) if level.fullmatch(plain)]
        if found:
            levels.append((found[-1] if 2 in found else found[0], column))
    return " > ".join(column for _, column in sorted(levels, key=itemgetter(0)))


def names_popularity(header: str) -> bool:
    """Whether a header is a word for how popular a product is; a rank is none: less is more."""
    return plain_name(header) in _SYNONYMS["popularity"].split()


def _counts(column: str, sample: Sequence[Mapping[str, str]]) -> bool:
    """Whether a column holds mostly numbers: one called ``sales`` may hold yes and no."""
    cells = [cell for row in sample if (cell := row.get(column, "").strip())]
    return 2 * sum(isinstance(parse_popularity(cell), float) for cell in cells) >= len(cells)


def _with_attributes(
    mapping: dict[str, str], columns: Sequence[str], sample: Sequence[Mapping[str, str]]
) -> Columns:
    """Every other column with short cells is an attribute; the others are named as ignored."""
    used, ignored = _used(mapping), list[str]()
    for column in columns:
        if column in used:
            continue
        key = ATTRIBUTE + attribute_name(column)
        free = key not in mapping and len(mapping) < len(FIELDS) + MAX_ATTRIBUTES
        if free and _is_attribute(column, [row.get(column, "") for row in sample]):
            mapping[key] = column
        else:
            ignored.append(column)
    return Columns(mapping, tuple(ignored))


def _is_attribute(column: str, cells: Sequence[str]) -> bool:
    if _TECHNICAL.fullmatch(plain_name(column)) or _NAMED_ID.search(column):
        return False
    return not any(
        len(cell) > _LONG_TEXT or "://" in cell or "\n" in cell.strip() for cell in cells
    )


def _no_column(name: str, columns: Sequence[str]) -> str:
    return (
        f"no column looks like the {name} of a product; the feed has "
        f"{', '.join(columns)}. Name it: --map {name}=COLUMN"
    )
