import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { DEFAULT_TENANT } from '../src/domain/tenant.ts';
import { buildApp, type AppOptions } from '../src/http/app.ts';
import { logIn } from '../src/services/log-in.ts';
import type { Ports } from '../src/services/ports.ts';
import { addUser } from '../src/services/users.ts';
import { createMemoryPorts, type PortOverrides } from './memory-ports.ts';

export const PASSWORD = 'a good long password';

export interface TestApp {
  readonly app: FastifyInstance;
  readonly ports: Ports;
  /** Makes a user and logs it in. @returns its session token */
  addUser(username: string, options?: { isAdmin?: boolean; tenantId?: string }): Promise<TestUser>;
  request(
    method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS',
    url: string,
    options?: {
      token?: string;
      cookie?: string;
      headers?: Record<string, string>;
      body?: Record<string, unknown>;
    },
  ): Promise<LightMyRequestResponse>;
}

export interface TestUser {
  readonly id: string;
  readonly token: string;
  readonly sessionId: string;
}

/** The whole interface over ports in memory; nothing listens. Close `app` when the test is done. */
export async function openTestApp(
  overrides: PortOverrides = {},
  options: Partial<AppOptions> = {},
): Promise<TestApp> {
  const ports = createMemoryPorts(overrides);
  const app = await buildApp(ports, {
    version: '1.2.3',
    publicUrl: null,
    corsOrigins: [],
    trustProxy: false,
    ...options,
  });
  return {
    app,
    ports,
    async addUser(username, { isAdmin = false, tenantId = DEFAULT_TENANT } = {}) {
      const user = await addUser(ports, tenantId, { username, password: PASSWORD, isAdmin });
      const { token, session } = await logIn(ports, { username, password: PASSWORD });
      return { id: user.id, token, sessionId: session.id };
    },
    request(method, url, { token, cookie, headers = {}, body } = {}) {
      return app.inject({
        method,
        url,
        headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
        ...(cookie === undefined ? {} : { cookies: { session: cookie } }),
        ...(body === undefined ? {} : { payload: body }),
      });
    },
  };
}
