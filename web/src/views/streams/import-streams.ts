import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { Problem } from '../../api/problem.ts';
import { queryClient } from '../../api/query-client.ts';
import type { paths } from '../../api/schema.d.ts';
import { toasts } from '../../controls/toast-store.ts';
import { text } from '../../text/text.ts';

type Import = paths['/api/streams/import']['post'];
type Definitions = Import['requestBody']['content']['application/json'];
export type Imported = Import['responses'][200]['content']['application/json'];
export type ImportResult = Imported['results'][number];
/** What becomes of a stream that is there already. */
export type OnConflict = 'skip' | 'replace';

/** What the server takes at once. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Makes streams of a file that was exported.
 * @throws Problem
 */
export async function importStreams(file: File, onConflict: OnConflict): Promise<Imported> {
  if (file.size > MAX_BYTES) throw new Problem('too_large', text.problems.tooLarge(MAX_BYTES));
  const body = parse(await file.text());
  // What is deleted once it is too late for an undo is still there: it would be passed over, and then be gone.
  await toasts.settle();
  try {
    return await dataOf(
      api.POST('/api/streams/import', { params: { query: { on_conflict: onConflict } }, body }),
    );
  } catch (error) {
    // The server's words are about fields, for whoever writes such a file.
    throw error instanceof Problem && error.code === 'invalid_input' ? wrongFile() : error;
  } finally {
    await queryClient.invalidateQueries({ queryKey: keys.streams });
  }
}

const wrongFile = (): Problem => new Problem('invalid_input', text.streams.transfer.wrongFile);

/** What it holds is the server's to judge. */
function parse(content: string): Definitions {
  try {
    return JSON.parse(content) as Definitions;
  } catch {
    throw wrongFile();
  }
}
