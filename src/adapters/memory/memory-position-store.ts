import type { Position, PositionStore, PositionTarget } from '../../domain/position.ts';

export function createMemoryPositionStore(): PositionStore {
  const positions = new Map<string, { target: PositionTarget; position: Position }>();

  const deleteWhere = (isMeant: (target: PositionTarget) => boolean): void => {
    for (const [key, { target }] of [...positions]) if (isMeant(target)) positions.delete(key);
  };

  return {
    async find(target) {
      return positions.get(keyOf(target))?.position ?? null;
    },

    async save(target, position) {
      positions.set(keyOf(target), { target, position });
    },

    async deleteByName({ tenantId, kind, name }) {
      deleteWhere((target) => target.tenantId === tenantId && target.kind === kind && target.name === name);
    },

    async deleteByUser(userId) {
      deleteWhere((target) => target.userId === userId);
    },
  };
}

const keyOf = ({ tenantId, userId, kind, name }: PositionTarget): string =>
  JSON.stringify([tenantId, userId, kind, name]);
