"""Loads a saved program into the same two-step DSPy module, says what its
prompts would hold, and saves it again. Usage: roundtrip.py IN OUT"""

import json
import sys

import dspy


class AnalyzeQueryRelevance(dspy.Signature):
    """Given a text chunk and a persona, determine the most relevant query type and format."""

    chunk_text: str = dspy.InputField()
    persona_description: str = dspy.InputField()
    query_type: str = dspy.OutputField()
    query_format: str = dspy.OutputField()


class GenerateFinalQuery(dspy.Signature):
    """Given a chunk, persona, query type, and format, generate the final question."""

    chunk_text: str = dspy.InputField()
    persona_description: str = dspy.InputField()
    query_type: str = dspy.InputField()
    query_format: str = dspy.InputField()
    query: str = dspy.OutputField()


class Pipeline(dspy.Module):
    def __init__(self):
        super().__init__()
        self.analyzer = dspy.Predict(AnalyzeQueryRelevance)
        self.generator = dspy.Predict(GenerateFinalQuery)


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
