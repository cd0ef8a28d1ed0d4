/** The smallest files that are pictures of a kind, or that only look like one. */

export function png(width = 4, height = 3, more = 0): Buffer {
  const bytes = Buffer.alloc(57 + more)
  bytes.write('\x89PNG\r\n\x1a\n', 0, 'latin1')
  bytes.writeUInt32BE(13, 8)
  bytes.write('IHDR', 12, 'latin1')
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  bytes.writeUInt8(8, 24)
  return bytes
}

export function jpeg(width = 4, height = 3): Buffer {
  const bytes = Buffer.alloc(40)
  // SOI, then an APP0 of 16 bytes, then the frame.
  bytes.writeUInt32BE(0xffd8ffe0, 0)
  bytes.writeUInt16BE(16, 4)
  bytes.writeUInt16BE(0xffc2, 20)
  bytes.writeUInt16BE(11, 22)
  bytes.writeUInt8(8, 24)
  bytes.writeUInt16BE(height, 25)
  bytes.writeUInt16BE(width, 27)
  return bytes
}

export function webp(form: 'VP8 ' | 'VP8L' | 'VP8X' = 'VP8X', width = 4, height = 3): Buffer {
  const bytes = Buffer.alloc(40)
  bytes.write('RIFF', 0, 'latin1')
  bytes.write(`WEBP${form}`, 8, 'latin1')
  if (form === 'VP8X') {
    bytes.writeUIntLE(width - 1, 24, 3)
    bytes.writeUIntLE(height - 1, 27, 3)
  } else if (form === 'VP8L') {
    bytes.writeUInt8(0x2f, 20)
    bytes.writeUInt32LE((width - 1) | ((height - 1) << 14), 21)
  } else {
    bytes.writeUInt16LE(width, 26)
    bytes.writeUInt16LE(height, 28)
  }
  return bytes
}

export const SVG = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><script>alert(1)</script></svg>',
)
export const HTML = Buffer.from('<!doctype html><script>alert(1)</script>')
export const GIF = Buffer.from('GIF89a\x04\x00\x03\x00\x80\x00\x00', 'latin1')
