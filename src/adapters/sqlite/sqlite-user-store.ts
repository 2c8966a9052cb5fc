import { AppError } from '../../domain/app-error.ts';
import { usernameKey, type User, type UserStore } from '../../domain/user.ts';
import type { Database, Parameters, Row } from './database.ts';
import { placeByText, toPage } from './page-place.ts';
import { flag, number, optionalText, text } from './row.ts';

const TAKEN = 'There is already a user of this name.';

const isActiveAdmin = (user: User): boolean => user.isAdmin && user.isActive;

export function openSqliteUserStore(db: Database): UserStore {
  const findByKey = db.prepare('SELECT * FROM users WHERE username_key = :key');
  const findById = db.prepare('SELECT * FROM users WHERE id = :id');
  const list = db.prepare(
    'SELECT * FROM users WHERE tenant_id = :tenant AND username_key > :key ORDER BY username_key LIMIT :limit',
  );
  const count = db.prepare('SELECT count(*) AS users FROM users');
  const findNextTenant = db.prepare('SELECT min(tenant_id) AS tenant_id FROM users WHERE tenant_id > :after');
  const findOtherAdmin = db.prepare(
    'SELECT 1 FROM users WHERE tenant_id = :tenant AND is_admin = 1 AND is_active = 1 AND id <> :id LIMIT 1',
  );
  const insert = db.prepare(
    `INSERT INTO users (id, tenant_id, username, username_key, email, password_hash, is_admin, is_active, revision,
      created_at_ms, updated_at_ms) VALUES (:id, :tenant_id, :username, :username_key, :email, :password_hash,
      :is_admin, :is_active, :revision, :created_at_ms, :updated_at_ms)`,
    TAKEN,
  );
  const update = db.prepare(
    `UPDATE users SET tenant_id = :tenant_id, username = :username, username_key = :username_key, email = :email,
      password_hash = :password_hash, is_admin = :is_admin, is_active = :is_active, revision = :revision,
      created_at_ms = :created_at_ms, updated_at_ms = :updated_at_ms WHERE id = :id`,
    TAKEN,
  );
  const remove = db.prepare('DELETE FROM users WHERE id = :id');

  const checkOtherAdmin = ({ tenantId, id }: User): void => {
    if (findOtherAdmin.get({ tenant: tenantId, id }) === undefined) {
      throw new AppError('conflict', 'This is the last active administrator.');
    }
  };

  return {
    async findByName(username) {
      const row = findByKey.get({ key: usernameKey(username) });
      return row === undefined ? null : fromUserRow(row);
    },

    async findById(id) {
      const row = findById.get({ id });
      return row === undefined ? null : fromUserRow(row);
    },

    async list(tenantId, page) {
      const rows = list.all({ tenant: tenantId, key: placeByText(page), limit: page.limit + 1 });
      return toPage(rows, page.limit, ['username_key'], fromUserRow);
    },

    async count() {
      return number(count.get(), 'users');
    },

    async findNextTenant(afterId) {
      return optionalText(findNextTenant.get({ after: afterId ?? '' }), 'tenant_id') ?? null;
    },

    async create(user) {
      return db.transaction(() => {
        let id = user.createdAtMs;
        while (findById.get({ id: String(id) }) !== undefined) id += 1;
        const created: User = { ...user, id: String(id), revision: 1 };
        insert.run(toUserRow(created));
        return created;
      });
    },

    async save(user, ifRevision) {
      return db.transaction(() => {
        const row = findById.get({ id: user.id });
        if (row === undefined) throw new AppError('not_found', 'There is no such user.');
        const current = fromUserRow(row);
        if (current.revision !== ifRevision) {
          throw new AppError('conflict', 'The user was changed in the meantime.');
        }
        const staysAdmin = isActiveAdmin(user) && user.tenantId === current.tenantId;
        if (isActiveAdmin(current) && !staysAdmin) checkOtherAdmin(current);
        const saved: User = { ...user, revision: ifRevision + 1 };
        update.run(toUserRow(saved));
        return saved;
      });
    },

    async delete(id) {
      db.transaction(() => {
        const row = findById.get({ id });
        if (row === undefined) return;
        const user = fromUserRow(row);
        if (isActiveAdmin(user)) checkOtherAdmin(user);
        remove.run({ id });
      });
    },
  };
}

export function toUserRow(user: User): Parameters {
  return {
    id: user.id,
    tenant_id: user.tenantId,
    username: user.username,
    username_key: usernameKey(user.username),
    email: user.email ?? null,
    password_hash: user.passwordHash,
    is_admin: Number(user.isAdmin),
    is_active: Number(user.isActive),
    revision: user.revision,
    created_at_ms: user.createdAtMs,
    updated_at_ms: user.updatedAtMs,
  };
}

export function fromUserRow(row: Row): User {
  return {
    id: text(row, 'id'),
    tenantId: text(row, 'tenant_id'),
    username: text(row, 'username'),
    email: optionalText(row, 'email'),
    passwordHash: text(row, 'password_hash'),
    isAdmin: flag(row, 'is_admin'),
    isActive: flag(row, 'is_active'),
    revision: number(row, 'revision'),
    createdAtMs: number(row, 'created_at_ms'),
    updatedAtMs: number(row, 'updated_at_ms'),
  };
}
