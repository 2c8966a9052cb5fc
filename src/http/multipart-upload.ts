import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { AppError, ValidationError } from '../domain/app-error.ts';
import type { Ports } from '../services/ports.ts';
import { receiveUpload, tooLarge, type ReceivedUpload } from '../services/receive-upload.ts';
import {
  checkUpload,
  type ConflictRule,
  type SizeBounds,
  type UploadDetails,
} from '../services/upload-audio.ts';
import { discardBody } from './discard-body.ts';

const UPLOAD_FIELDS = ['filename', 'title', 'description'] as const;

/** What a form may be besides its file. Of the file's size the use case decides, so there is no limit on it here. */
const PARSER_OPTIONS = {
  limits: {
    fileSize: Infinity,
    files: 2,
    fields: 20,
    parts: 30,
    fieldNameSize: 100,
    fieldSize: 32 * 1024,
    headerPairs: 50,
  },
  throwFileSizeLimit: false,
  // A name with a path in it is refused, not repaired.
  preservePath: true,
};
/** More than all of a form but its file can be, in bytes. */
const FORM_OVERHEAD_BYTES = 1024 * 1024;

/** What is known of a form, until all of it is there as far as it has come. */
export interface FormDetails<Field extends string> {
  /** An empty field says nothing, and is not here. */
  readonly fields: Readonly<Partial<Record<Field, string>>>;
  /** The name that the sender's file had. */
  readonly sentFilename?: string | undefined;
}

export interface FormRules<Field extends string> {
  /** Those that are taken; others are passed over. */
  readonly fields: readonly Field[];
  /**
   * Asked before anything is read, when the file begins, then with what is known of its size, and at the end.
   * @throws what the form is refused with
   */
  check(details: FormDetails<Field>, size?: SizeBounds): Promise<void> | void;
}

export interface ReceivedForm<Field extends string> {
  readonly upload: ReceivedUpload;
  readonly details: FormDetails<Field>;
}

export interface MultipartUpload {
  readonly upload: ReceivedUpload;
  readonly details: UploadDetails;
}

/** The form of an upload for the library. @throws as `receiveForm` and `checkUpload` */
export async function receiveMultipart(
  ports: Pick<Ports, 'policy' | 'newId' | 'audioFiles'>,
  request: FastifyRequest,
  onConflict: ConflictRule,
): Promise<MultipartUpload> {
  const toUpload = ({
    fields,
    sentFilename,
  }: FormDetails<(typeof UPLOAD_FIELDS)[number]>): UploadDetails => ({
    ...fields,
    sentFilename,
    onConflict,
  });
  const { upload, details } = await receiveForm(ports, request, {
    fields: UPLOAD_FIELDS,
    check: (form, size) => checkUpload(ports, request.caller, toUpload(form), size),
  });
  return { upload, details: toUpload(details) };
}

/**
 * Reads a form with one file, in any order with its fields; the file streams to disk. What can be refused before the
 * bytes are there is, and then nothing is left of them.
 *
 * @throws unsupported_media when the body is no form; invalid_input when it ends early; what the use cases throw
 */
export async function receiveForm<Field extends string>(
  ports: Pick<Ports, 'policy' | 'newId'>,
  request: FastifyRequest,
  rules: FormRules<Field>,
): Promise<ReceivedForm<Field>> {
  const form = new UploadForm(rules.fields);
  let upload: ReceivedUpload | null = null;
  try {
    await rules.check(form.details());
    if (!request.isMultipart()) {
      throw new AppError('unsupported_media', 'An upload is a form: multipart/form-data with a part "file".');
    }
    const size = sizeBounds(request, ports.policy.maxUploadBytes);
    for await (const part of readable(request.parts(PARSER_OPTIONS))) {
      if (part.type === 'field') {
        form.addField(part.fieldname, part.value, part.valueTruncated);
      } else {
        form.addFile(part.fieldname, part.filename);
        await rules.check(form.details(), size);
        upload = await receiveUpload(ports, readable(part.file));
      }
    }
    if (upload === null) throw new ValidationError('file', 'The form has no file.');
    await rules.check(form.details());
    return { upload, details: form.details() };
  } catch (error) {
    await upload?.remove();
    discardBody(request);
    throw error;
  }
}

/** The fields of the form as they come. */
class UploadForm<Field extends string> {
  readonly #known: readonly Field[];
  readonly #fields = new Map<Field, string>();
  #sentFilename: string | undefined;
  #hasFile = false;

  constructor(known: readonly Field[]) {
    this.#known = known;
  }

  addField(name: string, value: unknown, truncated: boolean): void {
    if (name === 'file') throw new ValidationError('file', 'The part "file" needs a file name.');
    const field = this.#known.find((each) => each === name);
    if (field === undefined) return;
    if (truncated) throw new ValidationError(field, 'This field is too long.');
    if (typeof value !== 'string') throw new ValidationError(field, 'This field is text.');
    if (this.#fields.has(field)) throw new ValidationError(field, 'This field is there twice.');
    this.#fields.set(field, value);
  }

  addFile(name: string, filename: string | undefined): void {
    if (name !== 'file') throw new ValidationError(name, 'A form has one file, in the part "file".');
    if (this.#hasFile) throw new ValidationError('file', 'A form has one file.');
    this.#hasFile = true;
    this.#sentFilename = filename;
  }

  details(): FormDetails<Field> {
    const filled = [...this.#fields].filter(([, value]) => value !== '');
    const fields = Object.fromEntries(filled) as Partial<Record<Field, string>>;
    return { fields, sentFilename: this.#sentFilename };
  }
}

/** What a stream of the parser throws means that the body is not what it should be. */
async function* readable<Item extends Uint8Array | Multipart>(
  items: AsyncIterable<Item>,
): AsyncGenerator<Item> {
  try {
    for await (const item of items) yield item;
  } catch (error) {
    throw new AppError('invalid_input', 'The body ends early, or is no valid form.', { cause: error });
  }
}

/** @throws too_large when the announced length leaves no doubt */
function sizeBounds(request: FastifyRequest, maxUploadBytes: number): SizeBounds | undefined {
  const header = request.headers['content-length'];
  if (header === undefined) return undefined;
  const lengthBytes = Number(header);
  if (lengthBytes > maxUploadBytes + FORM_OVERHEAD_BYTES) throw tooLarge(maxUploadBytes);
  return { minBytes: lengthBytes - FORM_OVERHEAD_BYTES, maxBytes: lengthBytes };
}
