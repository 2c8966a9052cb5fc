import type { AudioFile } from '../domain/audio-file.ts';
import { isFinal } from '../domain/request.ts';
import type { Ports } from './ports.ts';
import { endTranscriptRequest, type TranscriptPorts } from './save-transcript.ts';

/**
 * Settles a record that says its transcript is under way when its request is not, or was never queued: a server was killed
 * between two writes. Where the request is about to be queued just now, its run says so again. For use cases that have
 * authorized their caller.
 * @returns the record as it is by then
 */
export async function settleLostTranscription(
  ports: TranscriptPorts & Pick<Ports, 'queue'>,
  file: AudioFile,
): Promise<AudioFile> {
  const { tenantId, filename, transcriptStatus, transcriptRequestId: requestId } = file;
  if (requestId === undefined || !(transcriptStatus === 'pending' || transcriptStatus === 'processing')) {
    return file;
  }
  const request = await ports.queue.find(requestId);
  if (request !== null && !isFinal(request.status)) return file;
  const error = request?.error?.message ?? 'The work on it was never finished.';
  const isCancelled = request?.status === 'CANCELLED';
  await endTranscriptRequest(
    ports,
    { tenantId, filename, requestId },
    isCancelled ? { status: 'cancelled' } : { status: 'failed', error },
  );
  return (await ports.audioFiles.find(tenantId, filename)) ?? file;
}
