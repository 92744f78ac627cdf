/**
 * The microphone as blocks of sound: 16-bit PCM by an audio worklet, else what MediaRecorder makes of it.
 */

// What speech is recognised at. A browser that cannot convert to it records at the rate of the machine.
const RATE_HZ = 16000;
const PART_MS = 1000;
const KINDS = [["audio/webm;codecs=opus", ".webm"], ["audio/mp4", ".m4a"], ["audio/ogg;codecs=opus", ".ogg"]];

/**
 * @typedef {object} Microphone
 * @property {string} suffix  of a file with this sound
 * @property {number} rate    in Hz, of PCM; 0 for parts that are already a file
 * @property {(isOn: boolean) => void} pass  whether what is heard is passed on; the level is always told
 * @property {() => Promise<void>} close  ends it, after the last block
 */

/** Whether this browser can record at all. */
export function canRecord() {
  return Boolean(navigator.mediaDevices?.getUserMedia) && (typeof AudioWorkletNode === "function" || typeof MediaRecorder === "function");
}

/**
 * Ask for the microphone and begin. Rejects as `getUserMedia` does.
 * @param {(block: ArrayBuffer) => void} onBlock
 * @param {(level: number) => void} onLevel  peak, 0..1
 * @param {() => void} onLost
 * @param {MediaTrackConstraints} [more]  beside what two voices in a room ask for
 * @returns {Promise<Microphone>}
 */
export async function openMicrophone(onBlock, onLevel, onLost, more = {}) {
  // Both voices are wanted, and echo cancellation takes one of them for an echo.
  const wanted = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true, ...more };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
  stream.getTracks().forEach((track) => track.addEventListener("ended", onLost));
  try {
    return typeof AudioWorkletNode === "function" ? await byWorklet(stream, onBlock, onLevel) : byRecorder(stream, onBlock);
  } catch (error) {
    if (typeof MediaRecorder === "function" && typeof AudioWorkletNode === "function") return byRecorder(stream, onBlock);
    end(stream);
    throw error;
  }
}

/** @param {MediaStream} stream */
function end(stream) {
  stream.getTracks().forEach((track) => track.stop());
}

/**
 * @param {MediaStream} stream @param {(block: ArrayBuffer) => void} onBlock @param {(level: number) => void} onLevel
 * @returns {Promise<Microphone>}
 */
async function byWorklet(stream, onBlock, onLevel) {
  let context = new AudioContext({ sampleRate: RATE_HZ });
  let source;
  try {
    source = context.createMediaStreamSource(stream);
  } catch {
    // Firefox before 2025 does not convert between the microphone and a context.
    await context.close();
    context = new AudioContext();
    source = context.createMediaStreamSource(stream);
  }
  await context.audioWorklet.addModule(new URL("./recorder_worklet.js", import.meta.url));
  const tap = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
  let isOn = false;
  tap.port.onmessage = ({ data }) => {
    onLevel(data.peak);
    if (isOn) onBlock(data.samples);
  };
  source.connect(tap);
  await context.resume();
  return {
    suffix: ".wav",
    rate: context.sampleRate,
    pass: (on) => { isOn = on; },
    close: async () => {
      tap.port.postMessage("flush");
      await new Promise((resolve) => setTimeout(resolve, 60));
      end(stream);
      await context.close();
    },
  };
}

/**
 * @param {MediaStream} stream @param {(block: ArrayBuffer) => void} onBlock
 * @returns {Microphone}
 */
function byRecorder(stream, onBlock) {
  const [mimeType, suffix] = KINDS.find(([kind]) => MediaRecorder.isTypeSupported(kind)) ?? ["", ".webm"];
  const recorder = new MediaRecorder(stream, mimeType ? { mimeType } : {});
  /** @type {Promise<void>} */
  let last = Promise.resolve();
  recorder.ondataavailable = ({ data }) => {
    last = last.then(async () => onBlock(await data.arrayBuffer()));
  };
  return {
    suffix,
    rate: 0,
    pass: (on) => {
      if (on && recorder.state === "inactive") recorder.start(PART_MS);
      else if (on && recorder.state === "paused") recorder.resume();
      else if (!on && recorder.state === "recording") recorder.pause();
    },
    close: async () => {
      if (recorder.state !== "inactive") {
        const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
        recorder.stop();
        await stopped;
      }
      await last;
      end(stream);
    },
  };
}

/**
 * PCM as a WAV file.
 * @param {ArrayBuffer[]} parts  16 bits, one channel
 * @param {number} rate
 */
export function wav(parts, rate) {
  const size = parts.reduce((sum, each) => sum + each.byteLength, 0);
  const head = new DataView(new ArrayBuffer(44));
  const write = (/** @type {number} */ at, /** @type {string} */ word) =>
    [...word].forEach((letter, place) => head.setUint8(at + place, letter.charCodeAt(0)));
  write(0, "RIFF");
  head.setUint32(4, 36 + size, true);
  write(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, rate, true);
  head.setUint32(28, rate * 2, true);
  head.setUint16(32, 2, true);
  head.setUint16(34, 16, true);
  write(36, "data");
  head.setUint32(40, size, true);
  return new Blob([head, ...parts], { type: "audio/wav" });
}
