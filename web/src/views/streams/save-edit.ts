import { api, dataOf } from '../../api/client.ts';
import type { Queue } from '../../api/types.ts';
import type { QueueEdit, StreamSettings } from './queue-edit.ts';

/**
 * Asks the server for the smallest change that does it.
 * @param edit that fits to `queue`
 * @returns the stream afterwards
 * @throws Problem 412 when the stream is not at this revision any more
 */
export async function saveEdit(edit: QueueEdit, queue: Queue): Promise<Queue> {
  const { name, files } = queue;
  const params = { path: { name }, header: guard(queue) };
  switch (edit.kind) {
    case 'move': {
      const body = { old_index: edit.from, new_index: edit.to };
      return (await dataOf(api.PUT('/api/streams/{name}/queue/reorder', { params, body }))).queue;
    }
    case 'insert': {
      if (edit.index !== 'end' && edit.index < files.length) {
        return replaceFiles(queue, files.toSpliced(edit.index, 0, ...edit.filenames));
      }
      const body = { files: [...edit.filenames] };
      return (await dataOf(api.POST('/api/streams/{name}/queue', { params, body }))).queue;
    }
    case 'remove': {
      if (edit.filenames.length > 1) {
        return replaceFiles(queue, files.toSpliced(edit.index, edit.filenames.length));
      }
      const path = { name, index: String(edit.index) };
      const answer = api.DELETE('/api/streams/{name}/queue/{index}', {
        params: { path, header: guard(queue) },
      });
      return (await dataOf(answer)).queue;
    }
    case 'settings':
      return saveSettings(edit.to, queue);
  }
}

async function replaceFiles(queue: Queue, files: string[]): Promise<Queue> {
  const params = { path: { name: queue.name }, header: guard(queue) };
  return (await dataOf(api.PUT('/api/streams/{name}/queue', { params, body: { files } }))).queue;
}

async function saveSettings(to: StreamSettings, queue: Queue): Promise<Queue> {
  const losesExpiry = to.persistence === 'session' && to.ttl_s === undefined;
  // A time to live that a stream has stays as long as it is a session's: only a permanent one has none.
  const now =
    losesExpiry && queue.expires_at !== undefined ? await patch({ persistence: 'permanent' }, queue) : queue;
  return patch(to, now);
}

async function patch(body: StreamSettings, queue: Queue): Promise<Queue> {
  const params = { path: { name: queue.name }, header: guard(queue) };
  return (await dataOf(api.PATCH('/api/streams/{name}', { params, body }))).queue;
}

export const guard = ({ revision }: Pick<Queue, 'revision'>) => ({ 'if-match': `"${revision}"` });
