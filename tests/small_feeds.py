"""Small feeds of every kind, and what comes out of one."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from shoplens.feed.read import Feed
from shoplens.types import Product, Rejection


@dataclass(frozen=True, slots=True)
class Got:
    """Everything that came out of one feed."""

    feed: Feed
    products: list[Product]
    rejections: list[Rejection]

    @property
    def ids(self) -> list[str]:
        return [product.product_id for product in self.products]

    @property
    def reasons(self) -> list[str]:
        return [f"{one.where}: {one.reason}" for one in self.rejections]


class Take(Protocol):
    """Write a feed, open it, read it to its end; a fixture."""

    def __call__(
        self,
        content: str | bytes,
        *,
        kind: str = "",
        mapping: Mapping[str, str] | None = None,
        name: str = "feed",
    ) -> Got: ...


def take_all(feed: Feed) -> Got:
    records = list(feed.records)
    return Got(
        feed,
        [one for one in records if isinstance(one, Product)],
        [one for one in records if isinstance(one, Rejection)],
    )


CSV = """id,title,price,image,"note"
1,"Red ""wool"" scarf, long",12.50 EUR,a.jpg,"soft
and warm"
2,Blue hat,8,b.jpg,"plain"
3,Gloves,9.90,c.jpg,"none"
"""
JSONL = (
    '{"id": 1, "title": "Scarf", "price": 12.50, "images": ["a.jpg", "b.jpg"]}\n'
    '{"id": 2, "title": "Hat \\u2603", "price": 8, "images": ["c.jpg"]}\n'
    '{"id": 3, "title": "Gloves", "price": {"amount": "9.90"}, "images": []}\n'
)
GOOGLE_XML = """<?xml version="1.0"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0">
<channel><title>Shop</title><link>https://shop.example</link>
<item>
  <g:id>TV1</g:id><title>Television &amp; stand</title>
  <g:description>LCD</g:description><g:link>https://shop.example/tv</g:link>
  <g:image_link>https://img.example/tv.jpg</g:image_link>
  <g:additional_image_link>https://img.example/tv2.jpg</g:additional_image_link>
  <g:additional_image_link>https://img.example/tv3.jpg</g:additional_image_link>
  <g:availability>in_stock</g:availability><g:price>159.00 USD</g:price>
  <g:sale_price>99.00 USD</g:sale_price><g:brand>Acme</g:brand>
  <g:gtin>3234567890126</g:gtin><g:mpn>A-1</g:mpn><g:item_group_id>TVS</g:item_group_id>
  <g:google_product_category>404</g:google_product_category>
  <g:product_type>Home &gt; Electronics &gt; TVs</g:product_type>
  <g:color>Black/Silver</g:color><g:size>55 in</g:size>
  <g:shipping><g:country>US</g:country><g:price>6 USD</g:price></g:shipping>
</item>
<item><g:id>DVD</g:id><title>Film</title><g:image_link>https://img.example/d.jpg</g:image_link>
  <g:availability>out of stock</g:availability><g:price>15 USD</g:price>
  <g:google_product_category>Media &gt; DVDs</g:google_product_category></item>
</channel></rss>
"""
GOOGLE_TSV = (
    "id\ttitle\tdescription\tlink\timage link\tadditional image link\tavailability\tprice\t"
    "product type\titem group id\n"
    "s1\tShirt\tSoft\thttps://x.example/s\thttps://x.example/1.jpg\t"
    "https://x.example/2.jpg,https://x.example/3,w_200.jpg\tpreorder\t10.00 GBP\tA > B\tg\n"
    "s2\tSocks\tWarm\thttps://x.example/t\thttps://x.example/4.jpg\t\tin stock\t3.00 GBP\tA\tg\n"
)
SHOPIFY = """Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,\
Option2 Name,Option2 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,\
Variant Inventory Policy,Variant Price,Variant Compare At Price,Image Src,Image Position,\
Variant Image,Status
tee,Plain tee,"<p>Soft &amp; <b>light</b></p>",Acme,Shirts,"cotton, summer",true,Color,Red,Size,S,\
T-R-S,shopify,3,deny,10.00,15.00,https://i.example/2.jpg,2,https://i.example/red.jpg,active
tee,,,,,,,,Blue,,S,T-B-S,shopify,0,deny,10.00,,https://i.example/1.jpg,1,,
tee,,,,,,,,,,,,,,,,,https://i.example/3.jpg,3,,
mug,Mug,,Acme,Mugs,,true,Title,Default Title,,,,,,,4.50,,https://i.example/m.jpg,1,,active
"""
SHOPIFY_NEW = """Title,URL handle,Description,Vendor,Product category,Type,Tags,\
Published on online store,Status,SKU,Barcode,Option1 name,Option1 value,Price,Compare-at price,\
Inventory tracker,Inventory quantity,Continue selling when out of stock,Product image URL,\
Image position,Variant image URL,Color (product.metafields.shopify.color-pattern)
Plain tee,tee,Soft,Acme,Apparel > Shirts,Tee,,TRUE,Active,'0012,,Size,S,10,,shopify,0,CONTINUE,\
https://i.example/1.jpg,1,,red; blue
,tee,,,,,,,,'0013,,,M,11,12,shopify,0,DENY,,,https://i.example/m.jpg,
"""
WOO = """ID,Type,SKU,Name,Published,"Short description",Description,"In stock?",Stock,\
"Sale price","Regular price",Categories,Tags,Images,Parent,"Attribute 1 name",\
"Attribute 1 value(s)"
1,simple,cap,Cap,1,,"<p>Nice</p>",1,,16,18,"Clothing > Accessories, Sale",a,\
"https://w.example/c.jpg, https://w.example/c2.jpg",,,"Yellow"
2,variable,hood,Hoodie,1,,Warm,1,,,,"Clothing > Tops > Hoodies",,https://w.example/h.jpg,,Color,\
"Blue, Green"
3,variation,hood-b,"Hoodie - Blue",1,,,0,,,45,,,https://w.example/hb.jpg,hood,Color,"Blue"
4,variation,,"Hoodie - Green",1,,,1,,42,45,,,,id:2,Color,"Green"
"""
JSON_LD = """{"@context": "https://schema.org", "@graph": [
 {"@type": "WebSite", "name": "Shop"},
 {"@type": "Product", "sku": "p1", "name": "Lamp", "image": ["https://j.example/1.jpg",
   {"@type": "ImageObject", "url": "https://j.example/2.jpg"}], "brand": {"name": "Lux"},
  "category": "Home > Lamps", "color": "Brass", "offers": {"@type": "Offer", "price": "49.90",
  "priceCurrency": "EUR", "availability": "https://schema.org/OutOfStock"}},
 {"@type": "ProductGroup", "productGroupID": "g", "name": "Vase", "brand": "Lux",
  "image": "https://j.example/v.jpg", "hasVariant": [
   {"@type": "Product", "sku": "v1", "color": "Red", "offers": [{"price": 7}, {"price": 5}]},
   {"@type": "Product", "sku": "v2", "name": "Vase, blue", "image": "https://j.example/b.jpg"}]}
]}
"""
HTML = f"""<!doctype html><html><head><title>Lamps</title>
<script type="application/ld+json">{JSON_LD}</script>
<script>var x = "<script>";</script>
<script type='application/ld+json'>{{"@type": "Product", "productID": "q", "name": "Bulb"}}</script>
</head><body></body></html>
"""


_TEXTS = {
    "csv": CSV,
    "jsonl": JSONL,
    "array": f"[{JSONL.strip().replace(chr(10), ',' + chr(10))}]\n",
    "google-xml": GOOGLE_XML,
    "google-tsv": GOOGLE_TSV,
    "shopify": SHOPIFY,
    "shopify-new": SHOPIFY_NEW,
    "woocommerce": WOO,
    "json-ld": JSON_LD,
    "html": HTML,
}
SAMPLES: Mapping[str, bytes] = {kind: text.encode() for kind, text in _TEXTS.items()} | {
    "csv.gz": gzip.compress(CSV.encode(), mtime=0)
}
"""One small feed of every kind that is a text."""
