// Evidence of a fault is what the agent sent: JSON, or msgpack whose bytes the log writes as text.

/** A reply in words: of msgpack what it says, as JSON; else as it is, with what cannot be printed made visible. */
export function readable(evidence: string): string {
  const bytes = bytesOf(evidence);
  const first = bytes[0] ?? 0;
  if (first >= 0x80 && first <= 0x8f) {
    try {
      const reader = new Reader(bytes);
      const value = reader.value();
      if (reader.ended) return JSON.stringify(value);
    } catch {
      // cut off, or no msgpack after all
    }
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is made visible
  return evidence.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, (one) => `\\x${hex(one.charCodeAt(0))}`);
}

const hex = (byte: number) => byte.toString(16).padStart(2, '0');

/** What Python's `decode('utf-8', 'backslashreplace')` was given. */
function bytesOf(text: string): Uint8Array {
  const encoder = new TextEncoder();
  const parts = text.split(/\\x([0-9a-f]{2})/);
  return Uint8Array.from(
    parts.flatMap((part, at) => (at % 2 ? [Number.parseInt(part, 16)] : [...encoder.encode(part)])),
  );
}

/** As much of msgpack as actions are made of. Raises RangeError for bytes that end too soon, or mean nothing here. */
class Reader {
  private at = 0;
  private view: DataView;

  constructor(private bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get ended(): boolean {
    return this.at === this.bytes.length;
  }

  value(): unknown {
    const tag = this.view.getUint8(this.skip(1));
    if (tag <= 0x7f) return tag;
    if (tag <= 0x8f) return this.map(tag & 0x0f);
    if (tag <= 0x9f) return this.list(tag & 0x0f);
    if (tag <= 0xbf) return this.text(tag & 0x1f);
    if (tag >= 0xe0) return tag - 0x100;
    return this.tagged(tag);
  }

  private tagged(tag: number): unknown {
    switch (tag) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return tag === 0xc3;
      case 0xc4:
        return `${this.skipped(this.unsigned(1))} bytes`;
      case 0xc5:
        return `${this.skipped(this.unsigned(2))} bytes`;
      case 0xca:
        return this.view.getFloat32(this.skip(4));
      case 0xcb:
        return this.view.getFloat64(this.skip(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.unsigned(1 << (tag - 0xcc));
      case 0xd0:
        return this.view.getInt8(this.skip(1));
      case 0xd1:
        return this.view.getInt16(this.skip(2));
      case 0xd2:
        return this.view.getInt32(this.skip(4));
      case 0xd9:
        return this.text(this.unsigned(1));
      case 0xda:
        return this.text(this.unsigned(2));
      case 0xdc:
        return this.list(this.unsigned(2));
      case 0xde:
        return this.map(this.unsigned(2));
      default:
        throw new RangeError(`tag ${hex(tag)}`);
    }
  }

  private map(size: number): object {
    return Object.fromEntries(Array.from({ length: size }, () => [String(this.value()), this.value()]));
  }

  private list(size: number): unknown[] {
    return Array.from({ length: size }, () => this.value());
  }

  private text(size: number): string {
    const from = this.skip(size);
    return new TextDecoder().decode(this.bytes.subarray(from, this.at));
  }

  private unsigned(size: number): number {
    const from = this.skip(size);
    return this.bytes.subarray(from, this.at).reduce((all, byte) => all * 256 + byte, 0);
  }

  private skipped(size: number): number {
    this.skip(size);
    return size;
  }

  private skip(size: number): number {
    const from = this.at;
    this.at += size;
    if (this.at > this.bytes.length) throw new RangeError('it ends too soon');
    return from;
  }
}
