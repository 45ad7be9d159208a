"""The shop's products, one by one: what is put is searchable when the answer comes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from shoplens.serve.auth import may_change, may_search
from shoplens.serve.gate import product_id_in
from shoplens.serve.problems import told
from shoplens.serve.routes.asking import IdInPath, engine_of, only_json
from shoplens.serve.routes.out.records import PageOut, ProductOut
from shoplens.serve.schemas.listing import Listing
from shoplens.serve.schemas.products import ProductPost, ProductPut

router = APIRouter(prefix="/v1/products", tags=["products"])

_BY_ID = "/{product_id:path}"


@router.get(
    "", summary="List products", responses=told(401, 422), dependencies=[Depends(may_search)]
)
def page(request: Request, asked: Annotated[Listing, Query()]) -> PageOut:
    """List the products, the oldest first; go on with ``after`` = ``next``."""
    views, after = engine_of(request).page(after=asked.after, k=asked.limit)
    return PageOut([ProductOut.of(view) for view in views], after or None)


@router.post(
    "",
    summary="Add or replace a product",
    status_code=201,
    responses=told(400, 401, 403, 409, 413, 415, 422, 507),
    dependencies=[Depends(may_change), Depends(only_json)],
)
def post_product(request: Request, product: ProductPost) -> ProductOut:
    """Add a product, or replace the one that has its id; searchable when the answer comes."""
    found = product.product(product.product_id)
    return ProductOut.of(engine_of(request).put_product(found, product.uploads()))


@router.get(
    _BY_ID,
    summary="Look a product up",
    responses=told(401, 404, 422),
    dependencies=[Depends(may_search)],
)
def get_product(request: Request, product_id: IdInPath) -> ProductOut:
    """Show a product as it stands, with what became of each image."""
    return ProductOut.of(engine_of(request).product(product_id_in(product_id)))


@router.put(
    _BY_ID,
    summary="Put a product",
    responses=told(400, 401, 403, 409, 413, 415, 422, 507),
    dependencies=[Depends(may_change), Depends(only_json)],
)
def put_product(request: Request, product_id: IdInPath, product: ProductPut) -> ProductOut:
    """Add or replace a product as a whole; searchable when the answer comes."""
    found = product.product(product.id_in(product_id_in(product_id)))
    return ProductOut.of(engine_of(request).put_product(found, product.uploads()))


@router.delete(
    _BY_ID,
    summary="Remove a product",
    status_code=204,
    responses=told(401, 403, 404, 422),
    dependencies=[Depends(may_change)],
)
def delete_product(request: Request, product_id: IdInPath) -> Response:
    """Forget a product; it is gone from search when the answer comes."""
    engine_of(request).remove_product(product_id_in(product_id))
    return Response(status_code=204)
