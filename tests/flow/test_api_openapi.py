"""The OpenAPI document: sound by a public validator, and true: every path in it is called once.

The validator is @seriousme/openapi-schema-validator of tests/web/package.json."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from urllib.parse import quote

from api_world import WorldTest
from openapi import answer_mismatch, operations, some_value

HERE = os.path.dirname(os.path.abspath(__file__))
VALIDATOR = os.path.join(HERE, "../web/node_modules/@seriousme/openapi-schema-validator/bin/"
                               "validate-api-cli.js")


class Document(WorldTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world.say('put known {"name":"known","status":"started","size":3}')
        cls.world.say("rows known 20")
        cls.world.say("event demo.known something")
        cls.document = cls.world.get("/api/openapi.json").json

    def test_a_public_validator_finds_it_sound(self):
        node = shutil.which("node")
        if not node or not os.path.exists(VALIDATOR):
            self.skipTest("needs node and `npm ci` in tests/web")
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(self.document, file)
            file.flush()
            said = subprocess.run([node, VALIDATOR, file.name], capture_output=True, text=True,
                                  timeout=60, check=False)
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
        self.assertIn('"valid": true', said.stdout)

    def test_operations_are_complete(self):
        ids = set()
        for path, _, operation in operations(self.document):
            self.assertNotIn(operation["operationId"], ids)
            ids.add(operation["operationId"])
            self.assertTrue(operation["summary"])
            self.assertTrue(operation["tags"])
            self.assertIn("default", operation["responses"])
            named = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            self.assertEqual({part.strip("{}") for part in path.split("/") if part[:1] == "{"}, named)
        for path in ("/api/demo/things", "/api/demo/things/{id}", "/api/demo/things/{id}/start",
                     "/api/demo/things/scan", "/api/v1/commands/demo.slow", "/api/v1/query"):
            self.assertIn(path, self.document["paths"])
        self.assertNotIn("id", self.document["paths"]["/api/demo/things/{id}"]["patch"]
                         ["requestBody"]["content"]["application/json"]["schema"]["properties"])

    def call(self, path, method, operation):
        values = {"id": "known", "kind": "demo.thing", "name": "demo.thing.scan", "instance": "x"}
        for name, value in values.items():
            path = path.replace("{" + name + "}", quote(value, safe=""))
        query = {"query": "?series=1", "batch": "?get=/api/v1/jobs"}.get(operation["operationId"], "")
        body = None
        if method in ("POST", "PATCH"):
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            body = {name: some_value(schema["properties"][name])
                    for name in schema.get("required", [])}
        return self.world.ask(method, path + query, body)

    def test_every_path_answers_as_it_says(self):
        for path, method, operation in operations(self.document):
            if operation["operationId"] == "liveEvents":
                continue  # never ends: test_api_live.py
            with self.subTest(f"{method} {path}"):
                answer = self.call(path, method, operation)
                if operation["operationId"] != "demo_fail":
                    self.assertLess(answer.status, 500, answer.body[:300])
                self.assertIsNone(answer_mismatch(self.document, operation, answer.status,
                                                  answer.headers["Content-Type"], answer.body))

    def test_reads_of_what_is_there_are_200(self):
        for path, method, operation in operations(self.document):
            if method == "GET" and operation["operationId"] not in ("liveEvents", "live", "getJob"):
                with self.subTest(path):
                    self.assertEqual(self.call(path, method, operation).status, 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
