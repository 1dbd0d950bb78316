// What the clients of this folder share: arguments, a pause until something holds, the report.
import fs from 'node:fs'

export const [url, soundFile] = process.argv.slice(2)
const CHUNK_BYTES = 4800

/** The command's sound in pieces of 100 ms, PCM16 mono 24 kHz, each an ArrayBuffer. */
export function* sound() {
  const data = fs.readFileSync(soundFile)
  for (let at = 0; at < data.length; at += CHUNK_BYTES) {
    yield new Uint8Array(data.subarray(at, at + CHUNK_BYTES)).buffer
  }
}

export async function until(holds, what) {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 1000) throw new Error(`${what} never came`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export function report(findings) {
  console.log(JSON.stringify(findings))
  process.exit(0)
}
