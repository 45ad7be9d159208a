from decimal import Decimal

from small_feeds import SAMPLES, Take


def test_a_csv_row_becomes_a_whole_product(take: Take) -> None:
    got = take(
        "id,title,description,brand,category,price,sale_price,currency,availability,link,gtin,"
        "images,colour,group_id\n"
        '7,"Tom &amp; co",<p>Big</p>,Acme,A > B,9.5,8,EUR,有货,https://x.example,123,'
        "a.jpg|b.jpg,red|blue,g\n"
    )
    [product] = got.products
    assert got.feed.kind == "csv"
    assert (product.title, product.description) == ("Tom & co", "Big")
    assert (product.category, product.brand, product.group_id) == (("A", "B"), "Acme", "g")
    assert (product.price, product.sale_price) == (Decimal("9.5"), Decimal(8))
    assert (product.currency, product.url, product.gtin) == ("EUR", "https://x.example", "123")
    assert product.images == ("a.jpg", "b.jpg")
    assert product.attributes == {"colour": ("red", "blue")}


def test_bad_rows_cost_themselves(take: Take) -> None:
    got = take(
        "id,title,price,image\n1,A,5,a.jpg\n,B,5,b.jpg\n3,,5,\n4,,5,d.jpg\n1,E,5,e.jpg\n"
        "6,F,N/A,f.jpg\n7,G,-1,g.jpg\n8,H\n9,I,5,i.jpg\n"
    )
    assert got.ids == ["1", "4", "6", "7", "9"]
    assert got.products[1].title == "4"
    cut = "the row has 2 of 4 cells and does not reach image, price: is there a line break"
    assert got.reasons == [
        "line 3: the product has no id",
        "line 4: the product has no title",
        "line 6: the id '1' was taken at line 2; that one is kept",
        "line 7: price 'N/A' is not a number; the product is kept without it",
        "line 8: price '-1' is negative; the product is kept without it",
        f"line 9: {cut} outside of quotes?",
    ]
    assert got.feed.complete


def test_popularity_is_a_column_of_a_table_and_a_number_of_json(take: Take) -> None:
    table = take('id,title,Units Sold\n1,A,"1,204"\n2,B,\n3,C,-4\n4,D,0\n')
    assert [one.popularity for one in table.products] == [1204, None, None, 0]
    assert table.reasons == ["line 4: popularity '-4' is negative; the product is kept without it"]
    lines = take(
        '{"id": 1, "title": "A", "popularity": 0.25}\n{"id": 2, "title": "B", "popularity": 1e-7}\n'
        '{"id": 3, "title": "C", "popularity": null}\n{"id": 4, "title": "D", "popularity": true}\n'
    )
    assert lines.feed.kind == "jsonl"
    assert [one.popularity for one in lines.products] == [0.25, 1e-7, None, None]
    assert len(lines.reasons) == 1


def test_popularity_can_be_mapped_by_hand(take: Take) -> None:
    got = take("id,title,rank,hot\n1,A,7,3\n", mapping={"popularity": "hot"})
    assert got.products[0].popularity == 3
    assert got.products[0].attributes == {"rank": ("7",)}


def test_consecutive_rows_of_one_id_join_their_images(take: Take) -> None:
    got = take("id,title,image,view\n1,A,a.jpg,front\n1,A,b.jpg,back\n2,B,c.jpg,front\n")
    assert [(p.product_id, p.images) for p in got.products] == [
        ("1", ("a.jpg", "b.jpg")), ("2", ("c.jpg",)),
    ]  # fmt: skip
    assert got.rejections == []


def test_columns_can_be_mapped_by_hand(take: Take) -> None:
    got = take(
        "nr;bezeichnung2;warengruppe;farbton\n1;Hut;Kopf;rot\n",
        mapping={
            "id": "nr", "title": "bezeichnung2", "category": "warengruppe > farbton",
            "attributes.colour": "farbton", "currency": "=EUR",
        },
    )  # fmt: skip
    [product] = got.products
    assert (product.product_id, product.title, product.currency) == ("1", "Hut", "EUR")
    assert product.category == ("Kopf", "rot")
    assert product.attributes == {"colour": ("rot",)}


def test_wrong_bytes_are_kept_as_marks_and_reported(take: Take) -> None:
    row = "2,Mütze und noch viel mehr Ümläüte,b.jpg\n".encode()
    got = take(b"id,title,image\n" + row + b"1,H\xfct,a.jpg\n")
    assert [p.title for p in got.products][1] == "H\ufffdt"
    assert "do not fit the feed's encoding" in got.reasons[0]


def test_json_lines_and_arrays_give_the_same_products(take: Take) -> None:
    lines, array = take(SAMPLES["jsonl"]), take(SAMPLES["array"])
    assert (lines.feed.kind, array.feed.kind) == ("jsonl", "jsonl")
    assert lines.products == array.products
    assert lines.ids == ["1", "2", "3"]
    assert [str(p.price) for p in lines.products] == ["12.50", "8", "None"]
    assert lines.products[0].images == ("a.jpg", "b.jpg")
    assert lines.products[1].title == "Hat ☃"


def test_an_inner_object_can_be_mapped(take: Take) -> None:
    got = take(SAMPLES["jsonl"], mapping={"price": "price > price.amount"})
    assert str(got.products[2].price) == "9.90"


def test_bad_json_lines_cost_themselves(take: Take) -> None:
    got = take('{"id": 1, "title": "A"}\n{"id": 2, oops}\n[1]\n\n{"id": "\\ud800", "title": "B"}\n'
               '{"id": 4, "title": "D\x00"}\n')  # fmt: skip
    assert got.ids == ["1", "4"]
    assert [one.where for one in got.rejections] == ["line 2", "line 3", "line 5"]


def test_a_bad_array_element_costs_itself(take: Take) -> None:
    got = take('[{"id": 1, "title": "a ] } \\" ,"},\n {"id": N/A, "x": [1, 2]},\n'
               ' 5, {"id": 3, "title": "c"}]')  # fmt: skip
    assert got.ids == ["1", "3"]
    assert [one.where for one in got.rejections] == ["item 2 (line 2)", "item 3 (line 3)"]


def test_an_array_element_may_be_too_long_without_filling_memory(take: Take) -> None:
    long = f'{{"id": 2, "title": "{"x" * 6_000_000}"}}'
    got = take(f'[{{"id": 1, "title": "a"}}, {long}, {{"id": 3, "title": "c"}}]')
    assert got.ids == ["1", "3"]
    assert "longer than" in got.reasons[0]


def test_deep_and_broken_json_is_refused(take: Take) -> None:
    got = take('{"id": 1, "title": "A"}\n{"id": 2, "x": ' + "[" * 100_000 + "\n")
    assert got.ids == ["1"]
    assert "nested too deeply" in got.reasons[0]


def test_blank_lines_before_json_count(take: Take) -> None:
    assert take('\n\n{"id": 1, "title": "A"}\n{oops\n').rejections[0].where == "line 4"
    assert take('\n[{"id": 1, "title": "A"},\n5]').rejections[0].where == "item 2 (line 3)"
