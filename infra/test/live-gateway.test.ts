import { describe, expect, it } from 'vitest';
import { ENVIRONMENTS, onlyResource, resourcesOf, synthesise } from './synthesised.ts';

describe.each(ENVIRONMENTS)('the WebSocket API of %s', (environment) => {
  const template = synthesise({ environment });

  it('sends what clients do to one function', () => {
    expect(onlyResource(template, 'AWS::ApiGatewayV2::Api').Properties).toMatchObject({
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
    });
    const routes = Object.values(resourcesOf(template, 'AWS::ApiGatewayV2::Route'));
    expect(routes.map(({ Properties }) => Properties['RouteKey']).sort()).toEqual([
      '$connect',
      '$default',
      '$disconnect',
    ]);
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::ApiGatewayV2::Integration'))) {
      expect(Properties['IntegrationType']).toBe('AWS_PROXY');
      expect(JSON.stringify(Properties['IntegrationUri'])).toContain('Functionswebsocket');
    }
  });

  it('is throttled, and logs who and what, but no address with a ticket', () => {
    const { Properties } = onlyResource(template, 'AWS::ApiGatewayV2::Stage');
    expect(Properties).toMatchObject({
      StageName: 'live',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 },
    });
    const { Format } = Properties['AccessLogSettings'] as { Format: string };
    expect(Object.values(JSON.parse(Format) as Record<string, string>)).toContain('$context.routeKey');
    expect(Format).not.toMatch(/query|path|authorizer|header/i);
  });

  it('leaves the account’s role for logs behind, which others may use', () => {
    const account = onlyResource(template, 'AWS::ApiGateway::Account');
    expect(account.DeletionPolicy).toBe('Retain');
    const role = onlyResource(template, 'AWS::IAM::Role', (_, id) => id.includes('LogRole'));
    expect(role.DeletionPolicy).toBe('Retain');
  });
});
