import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'

export type JournalEntry = [kind: string, value: unknown]

/** A part of the sandbox that survives a restart through the journal. */
export type Kept = {
  /** Takes back an entry of its own; entries of other kinds are none of its business. */
  restore(kind: string, value: unknown): void
  entries(): Iterable<JournalEntry>
  clear(): void
}

const BATCH = 1_000

/**
 * What is kept between starts. A change is recorded as it is made and written by `flush`, all
 * changes of one request as one line and before its answer: a process killed at any moment has
 * lost nothing that it answered, and no line tells half of a request. Until `open` nothing is kept.
 */
export class Journal {
  #descriptor: number | undefined
  #length = 0
  #pending: JournalEntry[] = []

  /** Replaces what the file holds by the entries that still matter, and goes on behind them. */
  open(file: string, entries: Iterable<JournalEntry>): void {
    mkdirSync(path.dirname(file), { recursive: true })
    const compacted = `${file}.new`
    this.#descriptor = openSync(compacted, 'w', 0o600)
    for (const batch of batchesOf(entries)) this.#write(batch)
    fsyncSync(this.#descriptor)
    renameSync(compacted, file)
  }

  record(kind: string, value: unknown): void {
    if (this.#descriptor !== undefined) this.#pending.push([kind, value])
  }

  /** @throws when the disk takes no more; the changes then wait for the next flush. */
  flush(): void {
    if (this.#pending.length === 0) return
    this.#write(this.#pending)
    this.#pending = []
  }

  /** @throws when the disk takes no more; what still waits is then lost. */
  close(): void {
    this.flush()
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  #write(entries: JournalEntry[]): void {
    if (this.#descriptor === undefined) return
    const line = Buffer.from(`${JSON.stringify(entries)}\n`)
    let written = 0
    try {
      while (written < line.length) {
        const position = this.#length + written
        written += writeSync(this.#descriptor, line, written, line.length - written, position)
      }
    } catch (error) {
      ftruncateSync(this.#descriptor, this.#length)
      throw error
    }
    this.#length += line.length
  }
}

function* batchesOf(entries: Iterable<JournalEntry>): Iterable<JournalEntry[]> {
  let batch: JournalEntry[] = []
  for (const entry of entries) {
    batch.push(entry)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** The entries of a journal, oldest first. A last line cut short by a kill was never answered. */
export function readJournal(file: string): JournalEntry[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  lines.pop()
  return lines.flatMap((line) => JSON.parse(line) as JournalEntry[])
}
