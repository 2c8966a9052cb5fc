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
}

/** @throws invalid_input naming each field that is off, as `payload.files[3]` */
export async function parsePayload<Payload>(
  schema: PayloadSchema<Payload>,
  payload: unknown,
): Promise<Payload> {
  const result = await schema['~standard'].validate(payload);
  if (result.issues === undefined) return result.value;
  const errors = result.issues.map(({ path = [], message }): FieldError => ({
    field: fieldOf(path),
    message,
  }));
  throw new AppError('invalid_input', 'The payload is not as the action needs it.', { errors });
}

const fieldOf = (path: NonNullable<SchemaIssue['path']>): string =>
  path.reduce<string>((field, step) => {
    const key = typeof step === 'object' ? step.key : step;
    return typeof key === 'number' ? `${field}[${key}]` : `${field}.${String(key)}`;
  }, 'payload');
