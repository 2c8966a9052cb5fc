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
  readonly CancellationReasons?: readonly { readonly Code?: string }[];
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** Another transaction is at work on one of the items: the same request may pass in a moment. */
export const isTransactionConflict = (error: unknown): boolean =>
  nameOf(error) === 'TransactionConflictException' ||
  (nameOf(error) === 'TransactionCanceledException' &&
    reasonsOf(error).some((code) => code === 'TransactionConflict' || code === 'ThrottlingError') &&
    !reasonsOf(error).includes('ConditionalCheckFailed'));

const reasonsOf = (error: unknown): (string | undefined)[] =>
  ((error as CancelledTransaction).CancellationReasons ?? []).map(({ Code }) => Code);

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
