/**
 * A silent MP3 of constant bit rate, MPEG-1 Layer III, 48 kHz, 128 kbit/s, mono: each frame 384 bytes and 24 ms
 * (ISO/IEC 11172-3). The frame's number stands in its last four bytes, which no decoder reads.
 */
export function silentMp3(frames: number): Buffer {
  const bytes = Buffer.alloc(frames * 384);
  for (let frame = 0; frame < frames; frame += 1) {
    bytes.set([0xff, 0xfb, 0x94, 0xc4], frame * 384);
    bytes.writeUInt32BE(frame, frame * 384 + 380);
  }
  return bytes;
}

/** The numbers that {@link silentMp3} put into its frames. @throws where `bytes` does not begin and end at a frame */
export function frameNumbers(bytes: Uint8Array): number[] {
  const view = Buffer.from(bytes);
  const numbers: number[] = [];
  for (let at = 0; at < view.length; at += 384) {
    if (view.readUInt32BE(at) !== 0xfffb94c4) throw new Error(`no frame at byte ${at}`);
    numbers.push(view.readUInt32BE(at + 380));
  }
  return numbers;
}
