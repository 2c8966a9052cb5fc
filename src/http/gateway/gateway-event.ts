/** What a WebSocket API of API Gateway invokes a function with, as far as it is read. */
export interface GatewayEvent {
  readonly requestContext: {
    readonly connectionId: string;
    readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
    /** The host that the client went to. */
    readonly domainName: string;
    readonly requestId: string;
    readonly identity?: { readonly sourceIp?: string; readonly userAgent?: string | null };
  };
  /** Of the handshake alone, as the client wrote them. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly body?: string | null;
  /** Whether the client sent bytes instead of text. */
  readonly isBase64Encoded?: boolean;
}

/** Of a handshake, another status than 200 refuses it. */
export interface GatewayAnswer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
