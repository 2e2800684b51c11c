// From files to what the model takes, and from its output to 8 bit: as bffr/images does.
import { decode } from 'fast-png';

const PIXELS = 40_000; // of which percentiles are taken, at least

// An image file: { width, height, pixels: RGBA bytes } or, of a 16-bit PNG, { ..., raw: Uint16Array, channels }.
export async function read(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isPng = [137, 80, 78, 71].every((byte, i) => bytes[i] === byte);
  if (isPng && bytes[24] === 16) {
    const { width, height, data, channels } = decode(bytes);
    return { name: file.name, width, height, raw: data, channels };
  }
  const options = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };
  const bitmap = await createImageBitmap(file, options).catch(() => {
    throw new Error(`${file.name}: is damaged or not an image that browsers show; give PNG or JPEG.`);
  });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { alpha: false });
  context.drawImage(bitmap, 0, 0);
  return { name: file.name, width, height, pixels: context.getImageData(0, 0, width, height).data };
}

// Blue, green, red of every pixel.
export function visibleOf({ width, height, pixels, raw, channels = 4 }) {
  const bgr = new Uint8Array(width * height * 3);
  const at = (i, channel) => {
    const place = i * channels + (channels < 3 ? 0 : channel);
    return raw ? Math.round(raw[place] / 257) : pixels[place];
  };
  for (let i = 0; i < width * height; i++)
    for (let channel = 0; channel < 3; channel++) bgr[3 * i + channel] = at(i, 2 - channel);
  return bgr;
}

// One 8-bit value of every pixel; `range` are the raw values that become 0 and 255.
export function infraredOf(image, range) {
  if (image.raw) return scaled(cleaned(image), range ?? rangeOf(image));
  const { pixels } = image;
  return Uint8Array.from({ length: pixels.length / 4 }, (_, i) => {
    const [red, green, blue] = pixels.subarray(4 * i, 4 * i + 3);
    return (4899 * red + 9617 * green + 1868 * blue + 8192) >> 14; // luma, as OpenCV rounds it
  });
}

// The 1st and the 99th percentile of a 16-bit image, without isolated outliers.
export function rangeOf(image) {
  return percentiles(cleaned(image), image);
}

function firstChannel({ raw, channels }) {
  return Float32Array.from({ length: raw.length / channels }, (_, i) => raw[i * channels]);
}

function percentiles(values, { width, height }) {
  const step = Math.max(Math.floor(Math.sqrt(Math.floor((width * height) / PIXELS))), 1);
  const counted = [];
  for (let y = 0; y < height; y += step)
    for (let x = 0; x < width; x += step) counted.push(values[y * width + x]);
  const sorted = Float32Array.from(counted).sort();
  return [1, 99].map((percent) => {
    const place = (percent / 100) * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
  });
}

// Pixels far above or below all their neighbours take the median of 3 x 3.
function cleaned(image) {
  const { width, height } = image;
  const values = firstChannel(image);
  const [low, high] = percentiles(values, image);
  const result = values.slice();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const own = values[y * width + x];
      const inside = [];
      const repeated = []; // beyond the border, the median sees its nearest pixel
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          const [row, column] = [clamp(y + dy, 0, height - 1), clamp(x + dx, 0, width - 1)];
          repeated.push(values[row * width + column]);
          if ((dx || dy) && row === y + dy && column === x + dx) inside.push(values[row * width + column]);
        }
      const distance = Math.max(own - Math.max(...inside), Math.min(...inside) - own);
      if (distance > (high - low) / 2) result[y * width + x] = repeated.sort((a, b) => a - b)[4];
    }
  return result;
}

// In 32 bit, and halves to even numbers, as numpy rounds.
function scaled(values, [low, high]) {
  const factor = Math.fround(255 / Math.max(high - low, 1e-12));
  return Uint8Array.from(values, (value) => {
    const exact = clamp(Math.fround(Math.fround(value - Math.fround(low)) * factor), 0, 255);
    const below = Math.floor(exact);
    return exact - below === 0.5 ? below + (below % 2) : Math.round(exact);
  });
}

// RGBA of fused values in B, G, R: the image's own range becomes 0..255, see bffr/images/stretch.py.
export function stretched(fused) {
  let [low, high] = [1, 0];
  for (const value of fused) {
    low = Math.min(low, clamp(value, 0, 1));
    high = Math.max(high, clamp(value, 0, 1));
  }
  if (high - low < 1 / 32) {
    low = clamp((low + high - 1 / 8) / 2, 0, 7 / 8);
    high = low + 1 / 8;
  }
  const width = Math.fround(high - low);
  const pixels = new Uint8ClampedArray((fused.length / 3) * 4).fill(255);
  for (let i = 0; i < fused.length / 3; i++)
    for (let channel = 0; channel < 3; channel++) {
      const part = Math.fround(Math.fround(fused[3 * i + 2 - channel] - low) / width);
      pixels[4 * i + channel] = Math.floor(Math.fround(255 * clamp(part, 0, 1)));
    }
  return pixels;
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
