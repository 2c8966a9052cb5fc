import { AppError, isAppError } from '../../domain/app-error.ts';

/** A condition of a write did not hold. Stores make of it what it means for them: it never leaves the adapter. */
export class ConditionFailed extends Error {
  override readonly name = 'ConditionFailed';
  /** Of a transaction: which of its writes were refused, by place. */
  readonly places: readonly number[];

  constructor(places: readonly number[] = [0]) {
    super('A condition of a write does not hold.');
    this.places = places;
  }
}

interface CancelledTransaction {
  /** One for each write, in order. */
  readonly CancellationReasons?: readonly { readonly Code?: string }[];
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** Reasons that pass by themselves; they stand in a transaction's answer, where the client does not look for them. */
const TRANSIENT_REASONS = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

/** Another transaction is at work on one of the items, or the table is at a limit: the same may pass in a moment. */
export function isTransientCancellation(error: unknown): boolean {
  if (nameOf(error) === 'TransactionConflictException') return true;
  if (nameOf(error) !== 'TransactionCanceledException') return false;
  const refused = reasonsOf(error).filter((code) => code !== 'None');
  return refused.length > 0 && refused.every((code) => TRANSIENT_REASONS.has(code));
}

const reasonsOf = (error: unknown): string[] =>
  ((error as CancelledTransaction).CancellationReasons ?? []).map(({ Code }) => Code ?? 'None');

/** @returns {@link ConditionFailed}, or storage_unavailable with the service's error as its cause */
export function translateDynamoError(error: unknown): Error {
  if (isAppError(error) || error instanceof ConditionFailed) return error;
  if (nameOf(error) === 'ConditionalCheckFailedException') return new ConditionFailed();
  if (nameOf(error) === 'TransactionCanceledException') {
    const places = reasonsOf(error).flatMap((code, place) =>
      code === 'ConditionalCheckFailed' ? [place] : [],
    );
    if (places.length > 0) return new ConditionFailed(places);
  }
  return new AppError('storage_unavailable', 'The database does not answer as it should.', { cause: error });
}
