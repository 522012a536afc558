/**
 * Makes small zip files for tests, as PKWARE's APPNOTE 4.3 describes them: members, central directory, end record.
 */
import { crc32, deflateRawSync } from "node:zlib";

/** One member; `stored` leaves it uncompressed. */
export interface ZipEntry {
  readonly name: string;
  readonly content: Buffer;
  readonly stored?: boolean;
}

/** The bytes of a zip with these members. */
export function zipOf(entries: readonly ZipEntry[], options: { readonly comment?: string } = {}): Buffer {
  const members: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const data = entry.stored === true ? entry.content : deflateRawSync(entry.content);
    const fields = commonFields(entry, data);
    const local = Buffer.concat([signature(0x04034b50), fields, lengths(name.length), name, data]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(signature(0x02014b50), Buffer.from([20, 0]), fields, lengths(name.length), place, name);
    members.push(local);
    offset += local.length;
  }
  const listing = Buffer.concat(directory);
  return Buffer.concat([
    ...members,
    listing,
    endRecord(entries.length, { size: listing.length, offset }, options.comment ?? ""),
  ]);
}

/** Version, flags, method, time, date, CRC and both sizes: the same in a member's header and in the directory. */
function commonFields(entry: ZipEntry, data: Buffer): Buffer {
  const fields = Buffer.alloc(22);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(entry.stored === true ? 0 : 8, 4);
  fields.writeUInt32LE(crc32(entry.content), 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(entry.content.length, 18);
  return fields;
}

function lengths(name: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(name, 0);
  return bytes;
}

function endRecord(count: number, listing: { size: number; offset: number }, comment: string): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(listing.size, 12);
  end.writeUInt32LE(listing.offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([end, Buffer.from(comment)]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}
