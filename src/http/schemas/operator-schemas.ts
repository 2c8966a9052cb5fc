import { z } from 'zod';

const status = z.enum(['ok', 'warning', 'failed']);

export const diagnosisAnswer = z
  .object({
    version: z.string(),
    node: z.string().meta({ description: 'Of the process.' }),
    status: status.meta({ description: 'The worst of the checks.' }),
    checks: z.array(
      z.object({
        name: z.string().meta({ examples: ['ffmpeg', 'records'] }),
        status: status.meta({
          description:
            '`warning`: it works, but may surprise. `failed`: the server does not work as it should.',
        }),
        detail: z.string().meta({ description: 'For the operator; may name paths and variables.' }),
      }),
    ),
  })
  .meta({
    id: 'Diagnosis',
    examples: [
      {
        version: '0.1.0',
        node: '24.3.0',
        status: 'warning',
        checks: [
          { name: 'ffmpeg', status: 'ok', detail: 'ffmpeg 7.1 at /usr/bin/ffmpeg' },
          { name: 'records', status: 'ok', detail: 'database /srv/earshot/earshot.db' },
          { name: 'space', status: 'warning', detail: '0.4 GB free where the data lives' },
        ],
      },
    ],
  });
