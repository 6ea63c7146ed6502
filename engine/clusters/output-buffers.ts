/** Gathers what a command prints, up to a limit, as bytes: characters are decoded once, from the whole. */

/** All bytes up to `limitBytes`; beyond it `onLimit` runs, once, and the rest is dropped. */
export class LimitedBuffer {
  #chunks: Buffer[] = [];
  #sizeBytes = 0;
  readonly #limitBytes: number;
  readonly #onLimit: () => void;

  constructor(limitBytes: number, onLimit: () => void) {
    this.#limitBytes = limitBytes;
    this.#onLimit = onLimit;
  }

  add(chunk: Buffer): void {
    if (this.#sizeBytes > this.#limitBytes) return;
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes <= this.#limitBytes) {
      this.#chunks.push(chunk);
      return;
    }
    this.#chunks = [];
    this.#onLimit();
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** The last `keptBytes` of a stream. */
export class TailBuffer {
  #bytes: Buffer = Buffer.alloc(0);
  readonly #keptBytes: number;

  constructor(keptBytes: number) {
    this.#keptBytes = keptBytes;
  }

  add(chunk: Buffer): void {
    const all = Buffer.concat([this.#bytes, chunk]);
    this.#bytes = all.subarray(Math.max(0, all.length - this.#keptBytes));
  }

  bytes(): Buffer {
    return this.#bytes;
  }
}
