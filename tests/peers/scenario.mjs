// VS Code's JSON-RPC client as a host: node scenario.mjs BINARY CONFIG.json
//
// Prints one JSON object of what it saw; tests/test_peers.py says what that
// must be.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import {
  CancellationTokenSource,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";

const [binary, configPath] = process.argv.slice(2);
const config = JSON.parse(readFileSync(configPath, "utf8"));
const child = spawn(binary, [], { stdio: ["pipe", "pipe", "inherit"] });
const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve({ code, signal })));
const connection = createMessageConnection(
  new StreamMessageReader(child.stdout),
  new StreamMessageWriter(child.stdin),
);

const seen = { progress: [], asked: [] };
connection.onNotification("$/progress", (p) => seen.progress.push(p));
connection.onRequest("choose-persona", async (p) => {
  seen.asked.push(p);
  // A call of ours while the sidecar waits for this answer.
  seen.inside = await connection.sendRequest("status", {});
  return { persona_description: "a pharmacist", name: "P" };
});
connection.listen();

const failure = (error) => ({ code: error.code, message: error.message, data: error.data });

seen.early = await connection.sendRequest("status", {}).catch(failure);
seen.initialize = await connection.sendRequest("initialize", {
  protocol_version: "1.0",
  client_info: { name: "vscode-jsonrpc", version: "10" },
  capabilities: { choose_persona: true },
  config,
});
await connection.sendNotification("initialized", {});
seen.persona = await connection.sendRequest("choose-persona", { chunk_text: "Kapitel 3: Rückgabe, 返品 🙂", chunk_id: 5 });
seen.unknown = await connection.sendRequest("no-such-method", {}).catch(failure);
seen.params = await connection.sendRequest("fetch", { cout: 3 }).catch(failure);

const cancelling = new CancellationTokenSource();
const slow = connection.sendRequest("lm-complete", { prompt: "What is 2+2?" }, cancelling.token).catch(failure);
setTimeout(() => cancelling.cancel(), 50);
seen.cancelled = await slow;

seen.fetch = await connection.sendRequest("fetch", { count: 3, seed: 1, progress_token: "p" });
seen.many = (await Promise.all(Array.from({ length: 500 }, () => connection.sendRequest("gold-sample", { count: 1 })))).length;
seen.shutdown = await connection.sendRequest("shutdown", undefined);
await connection.sendNotification("exit");
seen.ended = await ended;
connection.dispose();
process.stdout.write(JSON.stringify(seen));
