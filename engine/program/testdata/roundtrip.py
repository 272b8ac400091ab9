"""Loads a saved program into the same two-step DSPy module, says what its
prompts would hold, and saves it again. Usage: roundtrip.py IN OUT"""

import json
import sys
from pathlib import Path

import dspy

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests"))
from dspy_pipeline import Pipeline  # noqa: E402

program = Pipeline()
source, target = sys.argv[1:]
if source != "-":
    program.load(source)
program.save(target)
seen = {}
for name, predictor in program.named_predictors():
    signature = predictor.signature
    messages = dspy.ChatAdapter().format(signature, predictor.demos, dict.fromkeys(signature.input_fields, "x"))
    seen[name] = {
        "instructions": signature.instructions,
        "descriptions": [f.json_schema_extra["desc"] for f in signature.fields.values()],
        "demos": predictor.demos,
        "turns": len(messages),
    }
json.dump(seen, sys.stdout, ensure_ascii=False)
