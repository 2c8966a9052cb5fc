import { TranscribeClient, type TranscribeClientConfig } from '@aws-sdk/client-transcribe';
import { clientOptions, type ServiceOptions } from '../aws/client-options.ts';

/** Of requests that start a job or ask after one: none takes long. */
const REQUEST_TIMEOUT_MS = 30_000;

export const openTranscribeClient = (
  service: ServiceOptions<TranscribeClientConfig['credentials']>,
): TranscribeClient => new TranscribeClient(clientOptions(service, REQUEST_TIMEOUT_MS));
