import { AppError, isNotFound } from '../../domain/app-error.ts';
import { openAiRequest, type OpenAiConnection } from './openai-client.ts';
import type { OpenAiRefusal } from './openai-failure.ts';

const TIMEOUT_MS = 10_000;

/**
 * Whether a server is there, and takes our key: its models are asked for, which costs nothing and which not every server
 * of one's own can list.
 * https://platform.openai.com/docs/api-reference/models/list
 * @throws engine_unavailable, engine_refused, engine_timeout, aborted
 */
export async function probeOpenAi(server: OpenAiConnection, signal: AbortSignal): Promise<void> {
  try {
    const answer = await openAiRequest(server, {
      path: '/models',
      body: null,
      timeoutMs: TIMEOUT_MS,
      signal,
      explain,
    });
    // Whoever leaves it unread leaves the connection open.
    for await (const _chunk of answer.chunks) break;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

const explain = ({ status }: OpenAiRefusal): AppError | null =>
  status === 404 || status === 405 ? new AppError('not_found', 'This server lists no models.') : null;
