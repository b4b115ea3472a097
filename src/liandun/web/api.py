"""An API whose every operation documents its errors, and answers them as problem documents."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from liandun.web.problems import CONTENT_TYPE, KINDS, Problem, Wrong, answer

_CHINESE = {
    "missing": "缺少该字段",
    "int_parsing": "应为整数",
    "string_type": "应为文本",
    "bool_parsing": "应为是或否",
    "datetime_parsing": "应为时间",
    "uuid_parsing": "应为编号（UUID）",
    "greater_than_equal": "数值过小",
    "less_than_equal": "数值过大",
    "json_invalid": "不是有效的 JSON",
}


class WrongOut(Schema):
    """One field that is wrong."""

    field: str
    detail: str
    detail_zh: str


class ProblemOut(Schema):
    """RFC 9457, with the texts in Chinese beside."""

    type: str
    status: int
    title: str
    title_zh: str
    detail: str | None = None
    detail_zh: str | None = None
    errors: list[WrongOut] | None = None


class DocumentedAPI(NinjaAPI):
    """Ninja answers errors that its description does not name; here both come from `KINDS`."""

    def get_openapi_schema(self, **more: Any) -> Any:  # Ninja's own type is private
        schema = super().get_openapi_schema(**more)
        schema["components"]["schemas"] |= _problem_schemas()
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"] |= _documented_errors()
        return schema


def _problem_schemas() -> dict[str, Any]:
    described = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**described.pop("$defs", {}), "ProblemOut": described}


def _documented_errors() -> dict[int, Any]:
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    return {
        status: {"description": f"{title} · {title_zh}", "content": content}
        for status, title, title_zh in KINDS.values()
    }


def answer_problems(api: NinjaAPI) -> None:
    """Have all that goes wrong on `api` answered as problem documents."""
    on_error: Any = api.add_exception_handler  # typed by Ninja as if a handler got the class of the error
    on_error(Problem, lambda _, problem: answer(problem))
    on_error(ValidationError, _wrong_fields)
    on_error(AuthenticationError, lambda _, __: answer(Problem("no-sign-in")))
    on_error(Http404, lambda _, __: answer(Problem("not-found")))
    on_error(HttpError, _other)


def _wrong_fields(_: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = tuple(
        Wrong(".".join(str(part) for part in each["loc"]), each["msg"], _CHINESE.get(each["type"], "内容不符合要求"))
        for each in error.errors
    )
    return answer(Problem("field", errors=errors))


def _other(_: HttpRequest, error: HttpError) -> HttpResponse:
    kinds = {status: kind for kind, (status, _, _) in KINDS.items()}
    return answer(Problem(kinds.get(error.status_code, "malformed"), str(error.message), "请求无法处理"))
