"""An independent FHIR R4 validator: FHIR.js, installed with the other Node programs of the tests."""

import json
import subprocess
from typing import Any

from tools.node import FOLDER, install, node

SCRIPT = """
const { Fhir } = require("fhir/fhir");
const fhir = new Fhir();
const resources = JSON.parse(require("fs").readFileSync(0));
const told = resources.flatMap((one) => {
  const result = fhir.validate(one, { errorOnUnexpected: true });
  const wrong = result.messages.filter((m) => m.severity !== "info");
  if (!result.valid && !wrong.length) wrong.push({ message: "not valid" });
  return wrong.map((m) => `${one.resourceType} ${one.id}: ${m.location || ""} ${m.message}`);
});
process.stdout.write(JSON.stringify(told));
"""


def problems(resources: list[dict[str, Any]]) -> list[str]:
    """What the validator says against the resources; empty: all valid."""
    install()
    run = subprocess.run(
        [*node(), "-e", SCRIPT],
        cwd=FOLDER,
        input=json.dumps(resources),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told: list[str] = json.loads(run.stdout)
    return told
