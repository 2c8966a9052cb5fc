import { z } from 'zod';

/** What `POST /api/requests` and a WebSocket's `request` take as the payload of each action. */
export const ingestPayload = z.strictObject({
  upload_id: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'As `POST /api/audio/uploads` gave it; all of its parts have been sent.' }),
});

export const noPayload = z.strictObject({});
