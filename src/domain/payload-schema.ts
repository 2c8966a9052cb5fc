import { AppError, type FieldError } from './app-error.ts';

/**
 * What checks a payload: any schema that follows Standard Schema (standardschema.dev, version 1), as zod's do. Only what
 * is used of it stands here.
 */
export interface PayloadSchema<Payload> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Payload> | Promise<SchemaResult<Payload>>;
    readonly types?: { readonly input: unknown; readonly output: Payload } | undefined;
  };
}

type SchemaResult<Payload> =
  { readonly value: Payload; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  /** Of zod: the fields that there are not; it tells of all of them in one. */
  readonly keys?: readonly string[] | undefined;
}

/** So that an answer is not larger than what is wrong. */
const MAX_ERRORS = 100;

/** @throws invalid_input naming each field that is off, as `payload.files[3]` */
export async function parsePayload<Payload>(
  schema: PayloadSchema<Payload>,
  payload: unknown,
): Promise<Payload> {
  const result = await schema['~standard'].validate(payload);
  if (result.issues === undefined) return result.value;
  const errors = result.issues.flatMap(fieldErrors).slice(0, MAX_ERRORS);
  throw new AppError('invalid_input', 'The payload is not as the action needs it.', { errors });
}

function fieldErrors({ path = [], message, keys }: SchemaIssue): FieldError[] {
  if (keys === undefined) return [{ field: fieldOf(path), message }];
  return keys.map((key) => ({ field: fieldOf([...path, key]), message: 'There is no such field.' }));
}

const fieldOf = (path: NonNullable<SchemaIssue['path']>): string =>
  path.reduce<string>((field, step) => {
    const key = typeof step === 'object' ? step.key : step;
    return typeof key === 'number' ? `${field}[${key}]` : `${field}.${String(key)}`;
  }, 'payload');
