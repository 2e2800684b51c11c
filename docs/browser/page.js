// The page: two files in, the fused image out; all of it here, on this machine.
import { rangeOf, read, visibleOf } from './images.js';

const LEAST = 16; // pixels a side, of the model
const MOST = 4e6; // pixels, for the memory that a page has

const worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });

const element = (id) => document.getElementById(id);
const images = {};
let turn = 0; // only what was asked last is shown
let questions = 0;

for (const kind of ['visible', 'infrared'])
  element(kind).addEventListener('change', ({ target }) => told(() => take(kind, target.files[0])));
for (const id of ['low', 'high']) element(id).addEventListener('change', () => told(fuse));
element('example').addEventListener('click', () => told(example));
element('slider').addEventListener('input', compare);
element('beside').addEventListener('change', show);

// Run what may fail, and say how it ended.
async function told(action) {
  const own = ++turn;
  element('result').hidden = true;
  const [text, wrong] = await action().then((said) => [said ?? '', false], (error) => [error.message, true]);
  if (own === turn) say(text, wrong);
}

function say(text, wrong = false) {
  element('said').textContent = text;
  element('said').className = wrong ? 'wrong' : '';
}

async function take(kind, file) {
  if (!file) return;
  delete images[kind];
  images[kind] = await read(file);
  if (kind === 'infrared') {
    element('range').hidden = !images.infrared.raw;
    if (images.infrared.raw) {
      const [low, high] = rangeOf(images.infrared);
      element('low').value = low;
      element('high').value = high;
    }
  }
  return fuse();
}

async function example() {
  for (const kind of ['visible', 'infrared']) {
    const answer = await fetch(`night_${kind}.png`);
    images[kind] = await read(new File([await answer.blob()], `night_${kind}.png`));
  }
  element('range').hidden = true;
  return fuse();
}

async function fuse() {
  const { visible, infrared } = images;
  if (!visible || !infrared) return `Now give the ${visible ? 'infrared' : 'visible'} image.`;
  const { width, height } = visible;
  const sizes = [visible, infrared].map((image) => `${image.width} x ${image.height}`);
  if (sizes[0] !== sizes[1])
    throw new Error(`The visible image has ${sizes[0]} pixels, the infrared one ${sizes[1]}; ` +
      'align them first, with `bffr align`.');
  if (Math.min(width, height) < LEAST) throw new Error(`Give images of at least ${LEAST} x ${LEAST} pixels.`);
  if (width * height > MOST) throw new Error(`Give images of at most ${MOST / 1e6} megapixels.`);
  const range = [element('low'), element('high')].map((input) => input.valueAsNumber);
  if (infrared.raw && !(range[0] < range[1])) throw new Error('The first value of the range must be less than the second.');
  say('Fusing ...');
  const [own, start] = [turn, performance.now()];
  const { fused, grey } = await run({ visible, infrared, range });
  if (own !== turn) return;
  images.grey = grey;
  draw(element('fused'), fused, width, height);
  show();
  const file = await new Promise((done) => element('fused').toBlob(done, 'image/png'));
  if (own !== turn) return;
  URL.revokeObjectURL(element('download').href);
  element('download').href = URL.createObjectURL(file);
  element('result').hidden = false;
  return `${sizes[0]} pixels in ${((performance.now() - start) / 1000).toFixed(1)} s.`;
}

// What the worker answers to a question.
function run(question) {
  const id = ++questions;
  return new Promise((done, failed) => {
    worker.addEventListener('error', () => failed(new Error('The model cannot be loaded here; try another browser.')));
    worker.addEventListener('message', ({ data }) => {
      if (data.id === id) data.error ? failed(new Error(data.error)) : done(data);
    });
    worker.postMessage({ id, ...question });
  });
}

// Draw the chosen source beside the fused image.
function show() {
  const { visible, grey } = images;
  const opaque = new Uint8ClampedArray(visible.width * visible.height * 4).fill(255);
  const source = element('beside').value === 'visible' ? visibleOf(visible) : grey;
  const channels = source.length / grey.length;
  for (let i = 0; i < grey.length; i++)
    for (let channel = 0; channel < 3; channel++)
      opaque[4 * i + channel] = source[channels * i + (channels === 3 ? 2 - channel : 0)];
  draw(element('source'), opaque, visible.width, visible.height);
  compare();
}

function draw(canvas, pixels, width, height) {
  Object.assign(canvas, { width, height });
  canvas.getContext('2d', { alpha: false }).putImageData(new ImageData(pixels, width), 0, 0);
}

function compare() {
  element('source').style.clipPath = `inset(0 ${100 - element('slider').value}% 0 0)`;
}
