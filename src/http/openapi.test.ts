import type { OpenAPIV3_1 } from 'openapi-types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../test/test-app.ts';

let test: TestApp;
let document: OpenAPIV3_1.Document;
let operations: { method: string; path: string; operation: OpenAPIV3_1.OperationObject }[];

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head'] as const;

beforeAll(async () => {
  test = await openTestApp();
  document = (await test.request('GET', '/openapi.json')).json<OpenAPIV3_1.Document>();
  operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item?.[method];
      return operation === undefined ? [] : [{ method, path, operation }];
    }),
  );
});
afterAll(() => test.app.close());

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1 and lists what there is', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'Earshot', version: '1.2.3' });
    const routes = operations.map(({ method, path }) => `${method} ${path}`);
    expect(routes).toEqual(
      expect.arrayContaining([
        'post /api/user/login',
        'post /api/user/logout',
        'get /api/user/session',
        'post /api/user/password',
        'get /api/user/keys',
        'post /api/user/keys',
        'delete /api/user/keys/{id}',
        'get /api/admin/users',
        'post /api/admin/users',
        'patch /api/admin/users/{id}',
        'delete /api/admin/users/{id}',
        'post /api/audio/{filename}/links',
        'post /api/audio/{filename}/transcribe',
        'delete /api/streams/{name}/links/{id}',
        'get /api/requests/{id}',
        'post /api/requests',
        'get /api/requests/{id}/events',
        'get /api/ws',
        'get /health',
        'get /ready',
        'get /metrics',
        'get /api/version',
      ]),
    );
    for (const { method, path } of operations) {
      const url = path.replace(/\{(\w+)\}/g, ':$1');
      expect(test.app.hasRoute({ method: method.toUpperCase(), url }), `${method} ${path}`).toBe(true);
    }
  });

  it('describes each operation, its errors included', () => {
    for (const { method, path, operation } of operations) {
      const name = `${method} ${path}`;
      expect(operation.summary, name).toBeTruthy();
      expect(operation.security, name).toBeDefined();
      const known = document.tags?.map((tag) => tag.name);
      expect(known, name).toEqual(expect.arrayContaining(operation.tags ?? ['none']));
      const responses = operation.responses ?? {};
      // 101: what a handshake is answered.
      const isSuccess = (status: string): boolean => /^(?:[23]|101)/.test(status);
      expect(Object.keys(responses).some(isSuccess), name).toBe(true);
      for (const [status, response] of Object.entries(responses)) {
        expect(response, name).toHaveProperty('description');
        expect(response, name).not.toMatchObject({ description: 'Default Response' });
        if (status === '416' || status === '503' || isSuccess(status)) continue;
        expect(
          Object.keys((response as OpenAPIV3_1.ResponseObject).content ?? {}),
          `${name} ${status}`,
        ).toEqual(['application/problem+json']);
      }
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, param]) => param);
      const parameters = (operation.parameters ?? []) as OpenAPIV3_1.ParameterObject[];
      const described = parameters.filter((parameter) => parameter.in === 'path').map((each) => each.name);
      expect(described.sort(), name).toEqual(inPath.sort());
    }
  });

  it('refers only to what is there, and has nothing that nobody refers to', () => {
    const text = JSON.stringify(document);
    const referred = new Set(
      [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, id]) => id),
    );
    const schemas = Object.keys(document.components?.schemas ?? {});
    expect(schemas.sort()).toEqual([...referred].sort());
    expect(schemas.filter((id) => id.endsWith('Input'))).toEqual([]);
    expect(text).not.toContain('PLACEHOLDER');
  });

  it('tells which routes take an Idempotency-Key', () => {
    for (const { method, path, operation } of operations) {
      const names = ((operation.parameters ?? []) as OpenAPIV3_1.ParameterObject[]).map((each) => each.name);
      const expected = method === 'post' && path !== '/api/user/login' && path !== '/api/ws/ticket';
      expect(names.includes('idempotency-key'), `${method} ${path}`).toBe(expected);
    }
  });

  it('says which bodies may be left out', () => {
    const optional = operations.filter(({ operation }) => {
      const body = operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined;
      return body !== undefined && body.required !== true;
    });
    expect(optional.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'post /api/audio/{filename}/links',
      'post /api/audio/{filename}/transcribe',
      'post /api/streams/{name}/links',
    ]);
    expect(JSON.stringify(document)).not.toContain('x-optional-body');
  });

  it('tells of what is refused before a handler runs, and of stores that fail', () => {
    for (const { method, path, operation } of operations) {
      const statuses = Object.keys(operation.responses ?? {});
      const expected = ['403', '429', '500'];
      if (path.includes('{')) expected.push('400', '414');
      if (operation.requestBody !== undefined) expected.push('400', '413', '415');
      if (!operation.tags?.includes('operations')) expected.push('503');
      if (method !== 'get' && method !== 'head') expected.push('507');
      expect(statuses, `${method} ${path}`).toEqual(expect.arrayContaining(expected));
    }
  });

  it('has an example in each operation', () => {
    const schemas = document.components?.schemas ?? {};
    for (const { method, path, operation } of operations) {
      const text = JSON.stringify(operation);
      const own = [...text.matchAll(/schemas\/(\w+)"/g)].filter(([, id]) => id !== 'Problem');
      const all = [text, ...own.map(([, id = '']) => JSON.stringify(schemas[id]))].join();
      expect(all, `${method} ${path}`).toMatch(/"examples?":/);
    }
  });

  it('has a page that works offline', async () => {
    const page = await test.request('GET', '/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/(?:src|href)="https?:/);
    expect(page.body).not.toMatch(/<script(?![^>]*src=)[^>]*>/);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect((await test.request('GET', '/docs/json')).json()).toEqual(document);
  });
});
