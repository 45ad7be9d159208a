"""The shop's export: what each product costs, and its feed in Google's and in Shopify's dialect."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from sample_shop.model.design import Words
from sample_shop.stage.photo import Product

SITE = "https://shop.example"
YUAN = Decimal("7.2")
FAMILIES = {
    "red": "红色", "orange": "橙色", "yellow": "黄色", "green": "绿色", "blue": "蓝色",
    "purple": "紫色", "pink": "粉色", "brown": "棕色", "black": "黑色", "white": "白色",
    "grey": "灰色", "beige": "米色", "gold": "金色", "silver": "银色", "clear": "透明",
    "multicolour": "多色",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """One product as the shop sells it in one language."""

    product_id: str
    group_id: str
    title: str
    group_title: str
    other_title: str
    description: str
    brand: str
    category: Sequence[str]
    colour: str
    family: str
    material: str
    price: Decimal
    sale_price: Decimal | None
    currency: str
    stock: int
    gtin: str
    images: Sequence[str]


def offers(
    every: Sequence[Product], images: Mapping[str, Sequence[str]], language: str
) -> list[Offer]:
    """Write every product's offer; prices, sales and stock are the same in both languages."""
    rng = np.random.default_rng(14)
    return [
        _offer(number, product, images[product.product_id], language, rng)
        for number, product in enumerate(every, 1)
    ]


def _offer(
    number: int, product: Product, images: Sequence[str], language: str, rng: np.random.Generator
) -> Offer:
    group, variant = product.group, product.variant
    on_sale, stock = rng.random() < 0.2, int(max(rng.integers(-4, 40), 0))
    price = Decimal(group.price_usd)
    cut = (price * Decimal("0.8")).quantize(Decimal("0.01"))
    titles = {
        "en": f"{group.title.en}, {variant.colour.en}",
        "zh": f"{group.title.zh} {variant.colour.zh}",
    }

    def said(words: Words) -> str:
        return words.zh if language == "zh" else words.en

    return Offer(
        product_id=product.product_id,
        group_id=group.group_id,
        title=titles[language],
        group_title=said(group.title),
        other_title=titles["en" if language == "zh" else "zh"],
        description=said(group.description),
        brand=group.brand,
        category=[said(words) for words in product.kind.category],
        colour=said(variant.colour),
        family=FAMILIES[variant.family] if language == "zh" else variant.family,
        material=said(group.material),
        price=_yuan(price) if language == "zh" else price,
        sale_price=None if not on_sale else _yuan(cut) if language == "zh" else cut,
        currency="CNY" if language == "zh" else "USD",
        stock=stock,
        gtin=_gtin(number),
        images=images,
    )


def _yuan(usd: Decimal) -> Decimal:
    return Decimal(max(round(usd * YUAN / 10) * 10 - 1, 9)).quantize(Decimal("0.01"))


def _gtin(number: int) -> str:
    """Number an article in GS1's range for a shop's own use (29), with its check digit."""
    digits = f"29{number:010d}"
    total = sum(int(d) * (3 if k % 2 else 1) for k, d in enumerate(digits))
    return f"{digits}{-total % 10}"


def google_xml(every: Sequence[Offer], language: str) -> str:
    """Write Google Merchant's RSS; custom labels: the other language's title, the plain colour."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<rss version="2.0" xmlns:g={quoteattr("http://base.google.com/ns/1.0")}>',
        "<channel>",
        f"<title>{'样板商店' if language == 'zh' else 'The sample shop'}</title>",
        f"<link>{SITE}</link>",
    ]
    for offer in every:
        lines += ["<item>", *(f"<g:{k}>{escape(v)}</g:{k}>" for k, v in _google(offer)), "</item>"]
    return "\n".join([*lines, "</channel>", "</rss>", ""])


def _google(offer: Offer) -> list[tuple[str, str]]:
    sale = (
        [] if offer.sale_price is None else [("sale_price", f"{offer.sale_price} {offer.currency}")]
    )
    return [
        ("id", offer.product_id),
        ("title", offer.title),
        ("description", offer.description),
        ("link", f"{SITE}/p/{offer.product_id}"),
        ("image_link", offer.images[0]),
        *(("additional_image_link", image) for image in offer.images[1:]),
        ("availability", "in_stock" if offer.stock else "out_of_stock"),
        ("price", f"{offer.price} {offer.currency}"),
        *sale,
        ("brand", offer.brand),
        ("gtin", offer.gtin),
        ("product_type", " > ".join(offer.category)),
        ("item_group_id", offer.group_id),
        ("color", offer.colour),
        ("material", offer.material),
        ("condition", "new"),
        ("custom_label_0", offer.other_title),
        ("custom_label_1", offer.family),
    ]


_SHOPIFY = (
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published",
    "Option1 Name", "Option1 Value", "Variant SKU", "Variant Inventory Tracker",
    "Variant Inventory Qty", "Variant Inventory Policy", "Variant Price",
    "Variant Compare At Price", "Variant Barcode", "Image Src", "Image Position", "Variant Image",
    "Material (product.metafields.custom.material)", "Status",
)  # fmt: skip


def shopify_csv(every: Sequence[Offer], language: str) -> str:
    """Write Shopify's product CSV: a handle a group, a row a variant, more rows for more images."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, _SHOPIFY, lineterminator="\n", restval="")
    writer.writeheader()
    groups: dict[str, list[Offer]] = {}
    for offer in every:
        groups.setdefault(offer.group_id, []).append(offer)
    for handle, members in groups.items():
        for row in _handle_rows(members, "颜色" if language == "zh" else "Color"):
            writer.writerow({"Handle": handle, **row})
    return out.getvalue()


def _handle_rows(members: Sequence[Offer], option: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    position = 0
    for number, offer in enumerate(members):
        row = _variant(offer)
        if number == 0:
            row |= {
                "Title": offer.group_title, "Body (HTML)": f"<p>{escape(offer.description)}</p>",
                "Vendor": offer.brand, "Product Category": " > ".join(offer.category),
                "Type": offer.category[-1], "Tags": ", ".join(offer.category[:-1]),
                "Published": "TRUE", "Option1 Name": option, "Status": "active",
                "Material (product.metafields.custom.material)": offer.material,
            }  # fmt: skip
        for extra, image in enumerate(offer.images):
            position += 1
            shown = {"Image Src": image, "Image Position": position}
            rows.append(row | shown if extra == 0 else shown)
    return rows


def _variant(offer: Offer) -> dict[str, object]:
    return {
        "Option1 Value": offer.colour,
        "Variant SKU": offer.product_id,
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": offer.stock,
        "Variant Inventory Policy": "deny",
        "Variant Price": offer.sale_price or offer.price,
        "Variant Compare At Price": offer.price if offer.sale_price else "",
        "Variant Barcode": offer.gtin,
        "Variant Image": offer.images[0],
    }
