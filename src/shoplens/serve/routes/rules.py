"""A merchandiser's rules: read at every search, so what is put counts from the next one on."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from shoplens.serve.auth import may_change
from shoplens.serve.problems import told
from shoplens.serve.routes.asking import engine_of, only_json
from shoplens.serve.routes.out.records import RuleOut, RulesOut
from shoplens.serve.schemas.rules import RulePut

router = APIRouter(prefix="/v1/rules", tags=["rules"])

Id = Annotated[str, Path(min_length=1, max_length=200, examples=["summer-boots"])]


@router.get("", summary="List rules", responses=told(401, 403), dependencies=[Depends(may_change)])
def rules(request: Request) -> RulesOut:
    """List every rule, also those of another day, with what is wrong with it, if anything."""
    found = engine_of(request).rules()
    return RulesOut([RuleOut.of(rule, problem) for rule, problem in found])


@router.put(
    "/{rule_id}",
    summary="Put a rule",
    responses=told(400, 401, 403, 413, 415, 422, 507),
    dependencies=[Depends(may_change), Depends(only_json)],
)
def put_rule(request: Request, rule_id: Id, rule: RulePut) -> RuleOut:
    """Add or replace a rule; it counts from the next search on."""
    kept = rule.rule(rule_id)
    engine_of(request).put_rule(kept)
    return RuleOut.of(kept, "")


@router.delete(
    "/{rule_id}",
    summary="Remove a rule",
    status_code=204,
    responses=told(401, 403, 404, 422),
    dependencies=[Depends(may_change)],
)
def delete_rule(request: Request, rule_id: Id) -> Response:
    """Forget a rule."""
    engine_of(request).remove_rule(rule_id)
    return Response(status_code=204)
