import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { queryClient } from '../../api/query-client.ts';
import type { WorkRequest } from '../../api/types.ts';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';

const refresh = (): Promise<void> => queryClient.invalidateQueries({ queryKey: keys.requests });
const params = (id: string) => ({ params: { path: { id } } });

/** @throws Problem `conflict` when it has ended meanwhile */
export async function cancelRequest(id: string): Promise<void> {
  await api.POST('/api/requests/{id}/cancel', params(id));
  toasts.show(text.work.wasCancelled);
  await refresh();
}

export async function retryRequest(id: string): Promise<void> {
  try {
    await api.POST('/api/requests/{id}/retry', params(id));
    toasts.show(text.work.begunAnew);
  } catch (error) {
    toasts.problem(error);
  }
  await refresh();
}

/** What an upload or a text was made of is not kept once it was cancelled; a recording is still in the library. */
export const canRetry = ({ status, action, filename, error }: WorkRequest): boolean =>
  status === 'FAILED'
    ? error?.retryable === true
    : status === 'CANCELLED' && action === 'transcribe' && filename !== undefined;
