/** Reads secrets from files, as containers and systemd provide them (`/run/secrets/…`). */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** The largest size of a file, in bytes. */
const MOST_BYTES = 64 * 1024;

/** The system's errors, in plain words. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user has no permission to read it',
  EPERM: 'this user has no permission to read it',
  ELOOP: 'its symbolic links form a loop',
};

/** A file's secret, or why it cannot be read, without any of its content. */
export type SecretFile = { readonly text: string } | { readonly problem: string };

/** Reads a secret, without the byte order mark and final newline that editors add. */
export function readSecretFile(path: string): SecretFile {
  try {
    // Non-blocking: otherwise a named pipe without a writer would block the start silently.
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

/** Without byte order mark. Undefined if it is not valid UTF-8: decoding would change the secret. */
function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
