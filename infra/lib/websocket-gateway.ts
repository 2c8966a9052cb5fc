import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat, CfnAccount } from 'aws-cdk-lib/aws-apigateway';
import { LogGroupLogDestination, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { accept } from './accept.ts';
import { retentionOf } from './log-retention.ts';
import type { Options } from './options.ts';

const STAGE = 'live';
const REQUESTS_PER_S = 500;
const BURST = 1000;
const LOG_POLICY = 'service-role/AmazonAPIGatewayPushToCloudWatchLogs';

/** The WebSocket API. It is made before the function that answers it, whose environment names it. */
export class WebSocketGateway extends Construct {
  readonly apiId: string;
  readonly stageName = STAGE;
  /** What clients connect to. */
  readonly url: string;
  /** What functions send by. */
  readonly managementUrl: string;
  readonly #api: WebSocketApi;

  constructor(scope: Construct, id: string, options: Options) {
    super(scope, id);
    const { region, urlSuffix } = Stack.of(this);
    this.#api = new WebSocketApi(this, 'Api', { apiName: `earshot-${options.environment}` });
    this.apiId = this.#api.apiId;
    const address = `${this.apiId}.execute-api.${region}.${urlSuffix}/${STAGE}`;
    this.url = `wss://${address}`;
    this.managementUrl = `https://${address}`;
    this.#publish(options);
  }

  /** Sends what clients do to `handler`. */
  route(handler: IFunction): void {
    for (const route of ['$connect', '$disconnect', '$default']) {
      const name = route.slice(1);
      const made = this.#api.addRoute(route, {
        integration: new WebSocketLambdaIntegration(`${name}Integration`, handler),
      });
      accept(
        made,
        'AwsSolutions-APIG4',
        'The function itself looks at the ticket, the header or the cookie when a client connects, as the server does; an authorizer would do the same in a second function.',
      );
    }
  }

  #publish(options: Options): void {
    const logGroup = new LogGroup(this, 'AccessLog', retentionOf(options));
    const stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: this.#api,
      stageName: STAGE,
      autoDeploy: true,
      throttle: { rateLimit: REQUESTS_PER_S, burstLimit: BURST },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        // Not the query: it may have a ticket in it.
        format: AccessLogFormat.custom(
          JSON.stringify({
            requestId: '$context.requestId',
            connectionId: '$context.connectionId',
            routeKey: '$context.routeKey',
            eventType: '$context.eventType',
            status: '$context.status',
            integrationError: '$context.integrationErrorMessage',
            requestTime: '$context.requestTime',
            sourceIp: '$context.identity.sourceIp',
          }),
        ),
      },
    });
    stage.node.addDependency(this.#logRole());
  }

  // One for all APIs of the account in this region, so it stays when this stack goes.
  #logRole(): CfnAccount {
    const role = new Role(this, 'LogRole', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(LOG_POLICY)],
    });
    role.applyRemovalPolicy(RemovalPolicy.RETAIN);
    accept(
      role,
      `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${LOG_POLICY}]`,
      'The policy that AWS keeps for just this: API Gateway writing its logs.',
    );
    const account = new CfnAccount(this, 'LogAccount', { cloudWatchRoleArn: role.roleArn });
    account.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return account;
  }
}
