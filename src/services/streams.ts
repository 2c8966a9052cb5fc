import type { Caller } from '../domain/caller.ts';
import type { Page, PageRequest } from '../domain/page.ts';
import { parseStreamName } from '../domain/stream.ts';
import { authorize } from './authorize.ts';
import { changeStream, checkGuard, forgetStream } from './change-stream.ts';
import type { ChangePorts, RevisionGuard } from './change-stream.ts';
import type { Ports } from './ports.ts';
import { unknownStream } from './stored-stream.ts';
import { viewOf, withoutRevision } from './stream-queue.ts';
import type { QueueView } from './stream-queue.ts';
import { applySettings } from './stream-settings.ts';
import type { StreamSettings } from './stream-settings.ts';

/** By name. Files are looked up stream by stream: a queue may hold thousands, and a page a hundred queues. */
export async function listStreams(
  ports: Pick<Ports, 'streams' | 'audioFiles'>,
  caller: Caller | null,
  page: PageRequest,
): Promise<Page<QueueView>> {
  const { tenantId } = authorize(caller, 'read');
  const { items, ...rest } = await ports.streams.list(tenantId, page);
  const views: QueueView[] = [];
  for (const stream of items) views.push(await viewOf(ports, stream));
  return { ...rest, items: views };
}

/** Changes what is said about a stream, not its queue. @throws not_found; invalid_input; precondition_failed */
export async function editStream(
  ports: ChangePorts,
  caller: Caller | null,
  streamName: string,
  settings: StreamSettings,
  guard?: RevisionGuard,
): Promise<QueueView> {
  const writer = authorize(caller, 'write');
  const name = parseStreamName(streamName);
  const { stream } = await changeStream(ports, writer.tenantId, name, guard, (current) => {
    if (current === null) throw unknownStream(name);
    return applySettings(withoutRevision(current), settings, writer, ports.clock());
  });
  return viewOf(ports, stream);
}

/** Deletes a stream with its playback links and positions; its files stay. @throws not_found; precondition_failed */
export async function deleteStream(
  ports: Pick<Ports, 'streams' | 'links' | 'positions'>,
  caller: Caller | null,
  streamName: string,
  guard?: RevisionGuard,
): Promise<void> {
  const { tenantId } = authorize(caller, 'write');
  const name = parseStreamName(streamName);
  const current = await ports.streams.find(tenantId, name);
  checkGuard(guard, current);
  if (current === null) throw unknownStream(name);
  // Links go first: when this breaks off, the stream is there without them rather than they without it.
  await forgetStream(ports, tenantId, name);
  await ports.streams.delete(tenantId, name, guard === undefined ? undefined : current.revision);
}
