/** Secrets that stand in files, as containers and systemd hand them over (`/run/secrets/…`). */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes that a file may have. */
const MOST_BYTES = 64 * 1024;

/** What the system's errors mean to the person who reads them. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ELOOP: 'its links go round in circles',
};

/** What a file holds, or why it cannot be had: never with anything of its content. */
export type SecretFile = { readonly text: string } | { readonly problem: string };

/** Reads a secret. A byte order mark and the newline at the end are an editor's, and no part of it. */
export function readSecretFile(path: string): SecretFile {
  try {
    // Not blocking: a named pipe that nobody writes to would otherwise keep the start waiting, without a word.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readOpen(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code = 'for no known reason' } = error as NodeJS.ErrnoException;
    return { problem: REASONS[code] ?? `it cannot be read (${code})` };
  }
}

function readOpen(file: number): SecretFile {
  const facts = fstatSync(file);
  if (facts.isDirectory()) return { problem: 'it is a directory' };
  if (!facts.isFile()) return { problem: 'it is not a regular file' };
  const bytes = readAtMost(file, MOST_BYTES + 1);
  if (bytes.length > MOST_BYTES) return { problem: `it has more than ${MOST_BYTES} bytes` };
  const text = decode(bytes)?.replace(/\r?\n$/, '');
  if (text === undefined) return { problem: 'it is not UTF-8 text' };
  return text.trim() === '' ? { problem: 'it is empty' } : { text };
}

function readAtMost(file: number, most: number): Buffer {
  const bytes = Buffer.alloc(most);
  let length = 0;
  for (let read = -1; read !== 0 && length < most; length += read) {
    read = readSync(file, bytes, length, most - length, null);
  }
  return bytes.subarray(0, length);
}

/** Without its byte order mark. Undefined where bytes would be lost: the secret would be another than was meant. */
function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
