/** Where a user stopped listening to a file or a stream. */
export interface Position {
  readonly positionMs: number;
  readonly updatedAtMs: number;
}

export interface PositionTarget {
  readonly tenantId: string;
  readonly userId: string;
  readonly kind: 'file' | 'stream';
  readonly name: string;
}

export interface PositionStore {
  find(target: PositionTarget): Promise<Position | null>;
  save(target: PositionTarget, position: Position): Promise<void>;
  /** Of every user; for a target that is deleted. */
  deleteByName(target: Omit<PositionTarget, 'userId'>): Promise<void>;
  deleteByUser(userId: string): Promise<void>;
}
