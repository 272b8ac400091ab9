"""The pipeline's two signatures as a user of DSPy writes them: what tests load files into."""

from __future__ import annotations

from typing import Any

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
    def __init__(self) -> None:
        super().__init__()
        self.analyzer = dspy.Predict(AnalyzeQueryRelevance)
        self.generator = dspy.Predict(GenerateFinalQuery)

    def forward(self, chunk_text: str, persona_description: str) -> Any:
        given = {"chunk_text": chunk_text, "persona_description": persona_description}
        plan = self.analyzer(**given)
        return self.generator(**given, query_type=plan.query_type, query_format=plan.query_format)


class Judge(dspy.Signature):
    """Is the Predicted Question as good or better than the Gold Standard Question?"""

    chunk_text: str = dspy.InputField()
    persona_description: str = dspy.InputField()
    gold_question: str = dspy.InputField()
    predicted_question: str = dspy.InputField()
    reason: str = dspy.OutputField()
    score: int = dspy.OutputField()
