import { Function as EdgeFunction, FunctionCode, FunctionRuntime } from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';

/**
 * A function URL is asked by its own name, so the name that the listener used goes along in a header; what a listener says
 * about it by himself is dropped, for what it leads to may be kept for others.
 */
export const VIEWER_REQUEST = `function handler(event) {
  var request = event.request;
  delete request.headers['forwarded'];
  request.headers['x-forwarded-host'] = { value: request.headers['host'].value };
  return request;
}
`;

export const viewerRequestFunction = (scope: Construct, environment: string): EdgeFunction =>
  new EdgeFunction(scope, 'ViewerRequest', {
    functionName: `earshot-${environment}-viewer-request`,
    code: FunctionCode.fromInline(VIEWER_REQUEST),
    runtime: FunctionRuntime.JS_2_0,
  });
