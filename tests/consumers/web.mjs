// Runs an ONNX file in onnxruntime-web, as a browser's WebAssembly does: node web.mjs FOLDER, where
// task.json names the file and the inputs, whose values lie beside it, and outputs are put.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const folder = process.argv[2];
const ort = createRequire(process.env.NODE_PATH + "/")("onnxruntime-web");
const ARRAYS = { float32: Float32Array, float16: Uint16Array, int64: BigInt64Array, bool: Uint8Array };

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "fatal";
async function run() {
  const task = JSON.parse(readFileSync(`${folder}/task.json`));
  const session = await ort.InferenceSession.create(readFileSync(task.path), {
    executionProviders: ["wasm"],
  });
  const feeds = {};
  for (const [name, { type, dims, file }] of Object.entries(task.inputs)) {
    const bytes = readFileSync(`${folder}/${file}`);
    const values = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    feeds[name] = new ort.Tensor(type, new ARRAYS[type](values), dims);
  }
  const found = await session.run(feeds);
  const outputs = session.outputNames.map((name, number) => {
    const { type, dims, data } = found[name];
    writeFileSync(`${folder}/out${number}`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return { type, dims };
  });
  writeFileSync(`${folder}/outputs.json`, JSON.stringify(outputs));
}

run().catch((problem) => {
  console.log(`error: ${problem.message ?? problem}`);
  process.exit(1);
});
