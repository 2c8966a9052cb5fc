import { z } from 'zod';
import type { Caller } from '../../domain/caller.ts';
import type { User } from '../../domain/user.ts';
import { timeSchema, toWireTime } from './paging.ts';

export const userSchema = z
  .object({
    id: z.string(),
    username: z.string(),
    email: z.string().nullable(),
    is_admin: z.boolean(),
    is_active: z.boolean(),
    tenant_id: z.string(),
    created_at: timeSchema,
    updated_at: timeSchema,
  })
  .meta({
    id: 'User',
    examples: [
      {
        id: '1795249800000',
        username: 'ada',
        email: 'ada@example.org',
        is_admin: false,
        is_active: true,
        tenant_id: 'default',
        created_at: '2026-11-21T08:30:00.000Z',
        updated_at: '2026-11-21T08:30:00.000Z',
      },
    ],
  });

export type WireUser = z.output<typeof userSchema>;

export const toWireUser = (user: User): WireUser => ({
  id: user.id,
  username: user.username,
  email: user.email ?? null,
  is_admin: user.isAdmin,
  is_active: user.isActive,
  tenant_id: user.tenantId,
  created_at: toWireTime(user.createdAtMs),
  updated_at: toWireTime(user.updatedAtMs),
});

/** Who calls, as far as every kind of caller knows it: with AUTH=off there is no account behind it. */
export const callerSchema = z
  .object({
    id: z.string(),
    username: z.string(),
    is_admin: z.boolean(),
    tenant_id: z.string(),
  })
  .meta({
    id: 'Caller',
    examples: [{ id: '1795249800000', username: 'ada', is_admin: false, tenant_id: 'default' }],
  });

export const toWireCaller = (caller: Caller): z.output<typeof callerSchema> => ({
  id: caller.userId,
  username: caller.username,
  is_admin: caller.isAdmin,
  tenant_id: caller.tenantId,
});

/** As it is checked when it is set; at login any text is only compared. */
export const newPassword = z
  .string()
  .min(8)
  .max(512)
  .meta({ examples: ['correct horse battery staple'] });
export const givenPassword = z
  .string()
  .min(1)
  .max(512)
  .meta({ examples: ['correct horse battery staple'] });
export const usernameInput = z
  .string()
  .min(1)
  .max(64)
  .meta({ examples: ['ada'] });
export const emailInput = z
  .email()
  .max(254)
  .meta({ examples: ['ada@example.org'] });
