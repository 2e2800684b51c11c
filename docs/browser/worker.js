// Fuses beside the page, which stays alive meanwhile.
import * as ort from 'onnxruntime-web/wasm';

import { infraredOf, stretched, visibleOf } from './images.js';

ort.env.wasm.numThreads = 1; // more need headers that not every host sends
ort.env.wasm.wasmPaths = new URL('.', import.meta.url).href;
const session = ort.InferenceSession.create('model.onnx');

onmessage = async ({ data: { id, visible, infrared, range } }) => {
  try {
    const { width, height } = visible;
    const grey = infraredOf(infrared, range);
    const { fused } = await (await session).run({
      visible: new ort.Tensor('uint8', visibleOf(visible), [1, height, width, 3]),
      infrared: new ort.Tensor('uint8', grey, [1, height, width]),
    });
    postMessage({ id, fused: stretched(fused.data), grey });
  } catch (error) {
    postMessage({ id, error: `The images cannot be fused here (${error.message}); try smaller ones.` });
  }
};
