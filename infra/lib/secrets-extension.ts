import { Duration } from 'aws-cdk-lib';
import {
  ParamsAndSecretsLayerVersion,
  ParamsAndSecretsLogLevel,
  ParamsAndSecretsVersions,
} from 'aws-cdk-lib/aws-lambda';
import { RegionInfo } from 'aws-cdk-lib/region-info';

/** How long a parameter is kept: a secret that is changed is heard of a second later. */
const CACHE_S = 1;
const HTTP_PORT = 2773;
const VERSION = ParamsAndSecretsVersions.V1_0_103;

/** AWS's Parameters and Secrets extension as a layer; the CDK knows its ARN in each region. */
export const secretsLayer = (): ParamsAndSecretsLayerVersion =>
  ParamsAndSecretsLayerVersion.fromVersion(VERSION, {
    parameterStoreTtl: Duration.seconds(CACHE_S),
    httpPort: HTTP_PORT,
    logLevel: ParamsAndSecretsLogLevel.WARN,
  });

/** The same settings for a function from an image, which has the extension inside. */
export const EXTENSION_ENVIRONMENT = {
  PARAMETERS_SECRETS_EXTENSION_CACHE_ENABLED: 'true',
  PARAMETERS_SECRETS_EXTENSION_CACHE_SIZE: '1000',
  PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(HTTP_PORT),
  PARAMETERS_SECRETS_EXTENSION_LOG_LEVEL: ParamsAndSecretsLogLevel.WARN,
  PARAMETERS_SECRETS_EXTENSION_MAX_CONNECTIONS: '3',
  SSM_PARAMETER_STORE_TTL: String(CACHE_S),
};

/** The ARN of the layer for arm64; undefined where AWS has none. */
export const secretsLayerArn = (region: string): string | undefined =>
  RegionInfo.get(region).paramsAndSecretsLambdaLayerArn(VERSION, 'arm64');
