"""What an OpenAPI document says, held against what a server answers. For the tests of the API alone
(test_api_openapi.py) and of the daemon (daemon_openapi.py); knows neither."""
import json

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int,
         "number": (int, float), "null": type(None)}


def mismatch(document, schema, value, where="$"):
    """What of `value` does not follow the JSON Schema; None: it does. The part of the
    specification that the document uses."""
    if "$ref" in schema:
        target = document
        for step in schema["$ref"].lstrip("#/").split("/"):
            target = target[step]
        return mismatch(document, target, value, where)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, TYPES[k]) and not (k in ("integer", "number")
                                                            and isinstance(value, bool))
                         for k in kinds):
        return f"{where}: {value!r:.60} is no {kinds}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where}: {value!r} is none of {schema['enum']}"
    if isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                return f"{where}: {name} is missing"
        for name, part in schema.get("properties", {}).items():
            if name in value and (wrong := mismatch(document, part, value[name], f"{where}.{name}")):
                return wrong
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            if wrong := mismatch(document, schema["items"], item, f"{where}[{i}]"):
                return wrong
    return None


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method.upper(), operation


def some_value(schema):
    """The plainest value that the schema allows."""
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    return (schema["enum"][0] if "enum" in schema else
            {"string": "x", "integer": int(schema.get("minimum", 1)), "number": 1.0,
             "boolean": True, "array": [], "object": {}}[kind])


def answer_mismatch(document, operation, status, content_type, body):
    """What of an answer is not as the operation says; None: all is."""
    said = operation["responses"].get(str(status), operation["responses"]["default"])
    if "$ref" in said:
        said = document["components"]["responses"][said["$ref"].rpartition("/")[2]]
    if status >= 400 and content_type != "application/problem+json":
        return f"{status} as {content_type}"
    for kind, content in said.get("content", {}).items():
        if not (content_type or "").startswith(kind):
            return f"{status} as {content_type}, not as {kind}"
        if "json" in kind:
            return mismatch(document, content["schema"], json.loads(body))
    return None
