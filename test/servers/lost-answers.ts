import { DynamoDBServiceException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface LostAnswers {
  /** So far. */
  readonly count: () => number;
  stop(): void;
}

/** Inside of the client's own repetition: every write is done, and its first answer is a failure. */
export function loseAnswers(client: DynamoDBClient): LostAnswers {
  const answered = new Set<unknown>();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const request = args.request as { body: unknown };
      if (!/Put|Write|Update|Delete/.test(String(context.commandName)) || answered.has(request.body))
        return result;
      answered.add(request.body);
      throw new DynamoDBServiceException({
        name: 'InternalServerError',
        $fault: 'server',
        message: 'The answer is lost.',
        $metadata: { httpStatusCode: 500 },
      });
    },
    { step: 'finalizeRequest', priority: 'low', name: 'loseAnswers' },
  );
  return { count: () => answered.size, stop: () => void client.middlewareStack.remove('loseAnswers') };
}
