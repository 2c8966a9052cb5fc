/** The way to clients whose connections are held by a gateway before this program, as API Gateway holds WebSockets. */
export interface ClientGateway {
  /** Sends a client one message. `gone`: there is no such connection any more.
   * @throws too_large for what the gateway does not carry; storage_unavailable when it does not take it */
  post(connectionId: string, text: string): Promise<'taken' | 'gone'>;
  /** Ends a connection. Idempotent. @throws storage_unavailable */
  disconnect(connectionId: string): Promise<void>;
}
