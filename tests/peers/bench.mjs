// vscode-jsonrpc's half of the benchmark in ../bench/door.py.
//
//   node bench.mjs server                 answers choose-persona on its stdin and stdout
//   node bench.mjs client PLAN COMMAND…   measures COMMAND as its child; PLAN and the
//                                         result are the driver's JSON

import { spawn } from "node:child_process";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";

const connect = (input, output) =>
  createMessageConnection(new StreamMessageReader(input), new StreamMessageWriter(output));

function serve() {
  const connection = connect(process.stdin, process.stdout);
  connection.onRequest("initialize", () => ({}));
  connection.onRequest("choose-persona", () => ({ persona_description: null, source: "none" }));
  connection.onNotification("exit", () => process.exit(0));
  connection.listen();
}

async function measure(plan, [command, ...args]) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const connection = connect(child.stdout, child.stdin);
  connection.listen();
  await connection.sendRequest("initialize", plan.initialize);
  const call = () => connection.sendRequest("choose-persona", plan.params);
  for (let i = 0; i < plan.warm; i++) await call();
  const latencies = [];
  for (let i = 0; i < plan.calls; i++) {
    const begun = process.hrtime.bigint();
    await call();
    latencies.push(Number(process.hrtime.bigint() - begun) / 1000);
  }
  const rates = {};
  for (const width of plan.widths) {
    const begun = process.hrtime.bigint();
    let left = plan.calls * 5;
    await Promise.all(
      Array.from({ length: width }, async () => {
        while (left-- > 0) await call();
      }),
    );
    rates[width] = (plan.calls * 5 * 1e9) / Number(process.hrtime.bigint() - begun);
  }
  await connection.sendNotification("exit");
  child.stdin.end();
  process.stdout.write(JSON.stringify({ latencies, rates }));
  connection.dispose();
}

if (process.argv[2] === "server") serve();
else await measure(JSON.parse(process.argv[3]), process.argv.slice(4));
