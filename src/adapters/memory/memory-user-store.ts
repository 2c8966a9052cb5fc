import { AppError } from '../../domain/app-error.ts';
import { usernameKey, type User, type UserStore } from '../../domain/user.ts';
import { pageInOrder } from './sorted-page.ts';

const isActiveAdmin = (user: User): boolean => user.isAdmin && user.isActive;

export function createMemoryUserStore(): UserStore {
  const users = new Map<string, User>();

  const findByKey = (key: string): User | undefined =>
    [...users.values()].find((user) => usernameKey(user.username) === key);

  const checkAnotherAdmin = (tenantId: string, withoutId: string): void => {
    const others = [...users.values()].filter((user) => user.tenantId === tenantId && user.id !== withoutId);
    if (!others.some(isActiveAdmin)) {
      throw new AppError('conflict', 'This is the last active administrator.');
    }
  };

  return {
    async findByName(username) {
      return findByKey(usernameKey(username)) ?? null;
    },

    async findById(id) {
      return users.get(id) ?? null;
    },

    async list(tenantId, page) {
      const ofTenant = [...users.values()].filter((user) => user.tenantId === tenantId);
      return pageInOrder(ofTenant, (user) => [usernameKey(user.username)], page);
    },

    async count() {
      return users.size;
    },

    async findNextTenant(afterId) {
      const ids = [...users.values()].map(({ tenantId }) => tenantId).sort();
      return ids.find((id) => afterId === null || id > afterId) ?? null;
    },

    async create(user) {
      if (findByKey(usernameKey(user.username)) !== undefined) {
        throw new AppError('already_exists', 'There is already a user of this name.');
      }
      let id = user.createdAtMs;
      while (users.has(String(id))) id += 1;
      const created: User = { ...user, id: String(id), revision: 1 };
      users.set(created.id, created);
      return created;
    },

    async save(user, ifRevision) {
      const current = users.get(user.id);
      if (current === undefined) throw new AppError('not_found', 'There is no such user.');
      if (current.revision !== ifRevision) {
        throw new AppError('conflict', 'The user was changed in the meantime.');
      }
      const namesake = findByKey(usernameKey(user.username));
      if (namesake !== undefined && namesake.id !== user.id) {
        throw new AppError('already_exists', 'There is already a user of this name.');
      }
      const staysAdmin = isActiveAdmin(user) && user.tenantId === current.tenantId;
      if (isActiveAdmin(current) && !staysAdmin) checkAnotherAdmin(current.tenantId, user.id);
      const saved = { ...user, revision: ifRevision + 1 };
      users.set(user.id, saved);
      return saved;
    },

    async delete(id) {
      const current = users.get(id);
      if (current === undefined) return;
      if (isActiveAdmin(current)) checkAnotherAdmin(current.tenantId, id);
      users.delete(id);
    },
  };
}
