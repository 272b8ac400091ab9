"""The synchronous client against a sidecar that answers by rule."""

from __future__ import annotations

import inspect
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import qgen_sidecar
from qgen_sidecar import Sidecar, errors


def test_methods_carry_their_parameters(sidecar: Sidecar) -> None:
    sent = sidecar.fetch(count=3, seed=None, output=Path("a") / "b", filter={"must": []})
    assert sent == {"count": 3, "output": str(Path("a", "b")), "filter": {"must": []}}


def test_null_program_is_sent_and_an_absent_one_is_not(sidecar: Sidecar) -> None:
    assert sidecar.compile(program=None)["asked"] == {"program": None}
    assert sidecar.compile()["asked"] == {}


def test_hosts_own_values_become_json(sidecar: Sidecar) -> None:
    id = uuid.UUID(int=7)
    assert sidecar.call("fetch", {"id": id, "tags": {"a"}}) == {"id": str(id), "tags": ["a"]}
    with pytest.raises(TypeError, match="object"):
        sidecar.call("fetch", {"bad": object()})
    with pytest.raises(ValueError, match="JSON"):
        sidecar.call("fetch", {"bad": float("nan")})


def test_unknown_argument_is_a_type_error_before_anything_is_sent(sidecar: Sidecar) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'cuont'"):
        sidecar.fetch(cuont=3)  # type: ignore[call-arg]


def test_signatures_show_the_real_arguments() -> None:
    for client in (qgen_sidecar.Sidecar, qgen_sidecar.AsyncSidecar):
        parameters = inspect.signature(client.generate).parameters
        assert list(parameters)[:2] == ["self", "chunk_text"]
        assert {"persona_description", "save", "timeout", "trace"} <= set(parameters)
        assert "progress" in inspect.signature(client.compile).parameters


def test_progress_comes_in_order_in_the_callers_thread(sidecar: Sidecar) -> None:
    seen = []
    sidecar.compile(progress=lambda p: seen.append((p["done"], threading.get_ident())))
    assert seen == [(done, threading.get_ident()) for done in (1, 2, 3)]


def test_progress_that_raises_cancels_the_call(sidecar: Sidecar) -> None:
    def stop(_: object) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError):
        sidecar.compile(progress=stop)
    assert sidecar.fetch() == {}


def test_errors_by_code(sidecar: Sidecar) -> None:
    with pytest.raises(errors.InvalidParams) as caught:
        sidecar.gold_add(chunk_text="", persona_description="", gold_question="")
    assert (caught.value.code, caught.value.data) == (-32602, {"x": 1})
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), again.code, again.message) == (
        errors.InvalidParams,
        -32602,
        caught.value.message,
    )


@pytest.mark.parametrize("code", [-32700, -32600, -32601, -32602, -32603, -32002, -32800, -32001])
def test_every_standard_code_has_its_exception(code: int) -> None:
    assert code in type(errors.from_wire({"code": code, "message": "m"})).codes


@pytest.mark.parametrize("code", range(-32016, -32009))
def test_every_code_of_ours_has_its_exception(code: int) -> None:
    error = errors.from_wire({"code": code, "message": "m", "data": {"path": "p"}})
    assert code in type(error).codes
    assert error.data == {"path": "p"}


def test_unknown_code_is_an_rpc_error() -> None:
    assert type(errors.from_wire({"code": 7, "message": "m"})) is errors.RpcError


def test_timeout_cancels_in_the_sidecar(sidecar: Sidecar) -> None:
    with pytest.raises(errors.CallTimeout):
        sidecar.prompts(timeout=0.05)
    assert issubclass(errors.CallTimeout, TimeoutError)
    assert _eventually(lambda: sidecar.gold_sample()["total"] == 1)


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_cancels_the_call_and_keeps_the_sidecar(sidecar: Sidecar) -> None:
    # A shell's background job is started with the signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        sidecar.prompts(timeout=20)
    signal.signal(signal.SIGINT, before)
    assert _eventually(lambda: sidecar.gold_sample()["total"] == 1)


def test_death_fails_every_call_in_flight(fake: str) -> None:
    client = qgen_sidecar.Sidecar(binary=fake).start()
    with ThreadPoolExecutor(4) as pool:
        hanging = [pool.submit(client.prompts) for _ in range(3)]
        time.sleep(0.1)
        with pytest.raises(errors.SidecarDied) as caught:
            client.status()
        for call in hanging:
            assert isinstance(call.exception(10), errors.SidecarDied)
    assert caught.value.status == 3
    assert "giving up: code=3" in caught.value.stderr[-1]
    with pytest.raises(errors.SidecarDied):
        client.fetch()
    client.close()


def test_restart_starts_anew_and_repeats_nothing(fake: str) -> None:
    with qgen_sidecar.Sidecar(binary=fake, restart=True) as client:
        first = client.pid
        with pytest.raises(errors.SidecarDied):
            client.status()
        assert client.fetch(count=1) == {"count": 1}
        assert client.pid != first


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc")
def test_restarts_leave_no_thread_and_no_descriptor(fake: str) -> None:
    def held() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    with qgen_sidecar.Sidecar(binary=fake, restart=True) as client:
        before = held()
        for _ in range(3):
            with pytest.raises(errors.SidecarDied):
                client.status()
            client.fetch()
        assert _eventually(lambda: held() == before)


def test_a_call_during_the_start_waits_for_it(fake: str) -> None:
    client = qgen_sidecar.Sidecar({"delay": 0.5}, binary=fake)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(client.fetch, count=1, timeout=10)
        time.sleep(0.2)
        second = pool.submit(client.fetch, count=2, timeout=10)
        assert (first.result(), second.result()) == ({"count": 1}, {"count": 2})
    client.close()


def test_garbage_on_stdout_is_a_protocol_error(sidecar: Sidecar) -> None:
    with pytest.raises(errors.ProtocolError, match="this is no JSON"):
        sidecar.choose_persona(chunk_text="x")


def test_failed_start_raises_and_leaves_no_process(fake: str) -> None:
    client = qgen_sidecar.Sidecar({"locked": True}, binary=fake)
    with pytest.raises(errors.StoreLocked) as caught:
        client.start()
    assert caught.value.data == {"path": "/store", "holder_pid": 42}
    assert client.pid is None


def test_close_ends_the_process_and_calls_after_it_are_refused(fake: str) -> None:
    client = qgen_sidecar.Sidecar(binary=fake).start()
    process = client._core.connection.process  # type: ignore[union-attr]
    client.close()
    client.close()
    assert process.status() == 0
    with pytest.raises(errors.SidecarClosed):
        client.fetch()


@pytest.mark.skipif(os.name == "nt", reason="POSIX shell")
def test_a_sidecar_that_will_not_go_is_killed(tmp_path: Path) -> None:
    stubborn = tmp_path / "stubborn"
    script = (
        'read -r line; echo \'{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"no"}}\''
    )
    stubborn.write_text(f"#!/bin/sh\ntrap '' TERM\n{script}\nwhile :; do sleep 0.1; done\n")
    stubborn.chmod(0o755)
    client = qgen_sidecar.Sidecar(binary=stubborn, close_timeout=0.3)
    began = time.monotonic()
    with pytest.raises(errors.InternalError):
        client.start()
    assert time.monotonic() - began < 5


@pytest.mark.skipif(os.name == "nt", reason="POSIX shell")
def test_a_sidecar_that_stops_reading_is_killed(tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"
    limits = '"limits":{"max_in_flight":9,"max_message_bytes":9000000}'
    reply = f'{{"jsonrpc":"2.0","id":1,"result":{{{limits}}}}}'
    deaf.write_text(f"#!/bin/sh\nread -r line; echo '{reply}'\nexec sleep 60\n")
    deaf.chmod(0o755)
    client = qgen_sidecar.Sidecar(binary=deaf, close_timeout=0.3).start()
    with pytest.raises(errors.CallTimeout):
        client.lm_complete(prompt="a" * 2_000_000, timeout=0.1)
    closing = threading.Thread(target=client.close, daemon=True)
    closing.start()
    closing.join(10)
    assert not closing.is_alive()


def test_config_as_path_and_as_dict(fake: str, tmp_path: Path) -> None:
    path = tmp_path / "qgen.toml"
    with qgen_sidecar.Sidecar(path, overrides={"store": {"lock": "lazy"}}, binary=fake) as client:
        received = client.info["received"]  # type: ignore[typeddict-item]
    assert received["config_path"] == str(path)
    assert received["config"] == {"store": {"lock": "lazy"}}
    config = {"store": {"path": "x", "lock": "now"}}
    with qgen_sidecar.Sidecar(config, overrides={"store": {"lock": "lazy"}}, binary=fake) as client:
        received = client.info["received"]  # type: ignore[typeddict-item]
    assert received["config"] == {"store": {"path": "x", "lock": "lazy"}}
    assert config == {"store": {"path": "x", "lock": "now"}}


def test_attach_needs_a_running_sidecar(fake: str) -> None:
    with pytest.raises(errors.SidecarError, match="no running sidecar shares /store"):
        Sidecar.attach({}, binary=fake).start()
    with Sidecar.attach({"mode": "shared"}, binary=fake) as client:
        assert client.store is not None
        assert client.store["mode"] == "shared"


def test_calls_above_the_limit_wait_their_turn(fake: str) -> None:
    running = threading.Semaphore(2)
    over = []

    def choose(chunk_text: str) -> str:
        if not running.acquire(blocking=False):
            over.append(chunk_text)
        time.sleep(0.01)
        running.release()
        return chunk_text

    with (
        qgen_sidecar.Sidecar({"limit": 2}, binary=fake, choose_persona=choose) as client,
        ThreadPoolExecutor(16) as pool,
    ):
        texts = [str(i) for i in range(32)]
        results = list(pool.map(lambda text: client.generate(chunk_text=text), texts))
    assert [result["persona_description"] for result in results] == texts
    assert over == []


def test_hooks_that_call_the_sidecar_never_deadlock(fake: str) -> None:
    """64 calls, a limit of 4, each hook three calls deep: far more waits than threads."""

    def choose(chunk_text: str) -> str:
        depth = int(chunk_text)
        if depth == 0:
            return "end"
        inner = client.generate(chunk_text=str(depth - 1), timeout=30)
        return f"{depth} {inner['persona_description']}"

    with (
        qgen_sidecar.Sidecar({"limit": 4}, binary=fake, choose_persona=choose) as client,
        ThreadPoolExecutor(64) as pool,
    ):
        calls = [pool.submit(client.generate, chunk_text="3", timeout=40) for _ in range(64)]
        assert {call.result(50)["persona_description"] for call in calls} == {"3 2 1 end"}


def test_a_failing_hook_fails_the_call_alone(fake: str, caplog: pytest.LogCaptureFixture) -> None:
    def choose(chunk_text: str) -> str:
        raise LookupError("no such character")

    with qgen_sidecar.Sidecar(binary=fake, choose_persona=choose) as client:
        with pytest.raises(errors.CallbackFailed) as caught:
            client.generate(chunk_text="x")
        assert caught.value.data["reason"] == "LookupError: no such character"
        assert client.fetch() == {}
    assert any(record.exc_info for record in caplog.records)


def test_a_hook_that_is_not_offered_is_refused(sidecar: Sidecar) -> None:
    with pytest.raises(errors.CallbackFailed, match="host callback"):
        sidecar.generate(chunk_text="x")


def test_coroutine_hooks_are_refused() -> None:
    async def choose(chunk_text: str) -> str:
        return chunk_text

    with pytest.raises(TypeError, match="use AsyncSidecar"):
        qgen_sidecar.Sidecar(choose_persona=choose)


def test_the_sidecars_log_comes_out_of_logging(fake: str, caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.DEBUG, "qgen_sidecar"),
        qgen_sidecar.Sidecar(binary=fake) as client,
    ):
        pid = client.pid
    record = next(r for r in caplog.records if r.name == "qgen_sidecar.fake")
    assert record.levelno == logging.INFO
    assert record.getMessage() == f"started: pid={pid}"


def test_too_large_a_message_is_refused_here(sidecar: Sidecar) -> None:
    with pytest.raises(errors.InvalidRequest, match="at most 1048576"):
        sidecar.generate(chunk_text="x" * (1 << 20))
    assert sidecar.fetch() == {}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_child_is_told_to_make_its_own(sidecar: Sidecar) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            sidecar.fetch()
        except errors.SidecarError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


def test_importing_takes_no_optional_package() -> None:
    code = (
        "import qgen_sidecar, sys; "
        "sys.exit(any(m in sys.modules for m in ('qdrant_client', 'dspy', 'typing_extensions')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def _eventually(true: object, seconds: float = 5) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False
