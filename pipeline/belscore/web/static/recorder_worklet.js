/** Takes sound from the microphone as 16-bit samples, in blocks, with the peak of each. Runs in the audio thread. */

// A tenth of a second at 16 kHz, near enough: often enough for a level meter.
const BLOCK = 2048;

class Tap extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Int16Array(BLOCK);
    this.filled = 0;
    this.peak = 0;
    this.port.onmessage = () => this.flush();
  }

  /** @param {Float32Array[][]} inputs */
  process(inputs) {
    for (const value of inputs[0]?.[0] ?? []) {
      const clipped = Math.max(-1, Math.min(1, value));
      this.peak = Math.max(this.peak, Math.abs(clipped));
      this.block[this.filled++] = Math.round(clipped * 32767);
      if (this.filled === BLOCK) this.flush();
    }
    return true;
  }

  flush() {
    if (this.filled === 0) return;
    const samples = this.block.slice(0, this.filled);
    this.port.postMessage({ samples: samples.buffer, peak: this.peak }, [samples.buffer]);
    this.filled = 0;
    this.peak = 0;
  }
}

registerProcessor("tap", Tap);
