import type { Clock } from '../../domain/clock.ts';
import type { PortableValues } from '../../domain/portable-record.ts';
import type { PositionTarget } from '../../domain/position.ts';
import { DEFAULT_TENANT } from '../../domain/tenant.ts';
import {
  apiKeyKeyOfHash,
  apiKeyKeyOfId,
  fromApiKeyItem,
  openDynamoApiKeyStore,
} from './dynamo-api-key-store.ts';
import { fromLinkItem, linkKeyOfId, openDynamoPlaybackLinkStore } from './dynamo-playback-link-store.ts';
import { compareWith, type PortableItems } from './dynamo-portable-items.ts';
import { openDynamoPositionStore, positionKey } from './dynamo-position-store.ts';
import { openDynamoRetiredObjectStore, retiredKey } from './dynamo-retired-object-store.ts';
import {
  fromSessionItem,
  openDynamoSessionStore,
  sessionKeyOfId,
  sessionKeyOfToken,
} from './dynamo-session-store.ts';
import { openDynamoSettingStore, settingKey } from './dynamo-setting-store.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import { dateMs, number, text } from './item-fields.ts';

type StoredKind = 'api_key' | 'playback_link' | 'position' | 'retired_object' | 'session' | 'setting';

/** Kinds that their own stores write as they are. */
export interface PortableStore<Kind extends StoredKind> extends PortableItems<Kind> {
  create(value: PortableValues[Kind]): Promise<void>;
  read(item: Item): PortableValues[Kind];
}

export type PortableStores = { readonly [Kind in StoredKind]: PortableStore<Kind> };

export function openPortableStores(table: DynamoTable, clock: Clock): PortableStores {
  const sessions = openDynamoSessionStore(table, clock);
  const apiKeys = openDynamoApiKeyStore(table, clock);
  const links = openDynamoPlaybackLinkStore(table, clock);
  const positions = openDynamoPositionStore(table);
  const settings = openDynamoSettingStore(table);
  const retired = openDynamoRetiredObjectStore(table);

  const session: PortableStore<'session'> = {
    lookUps: ({ id, tokenHash }) => [sessionKeyOfToken(tokenHash), sessionKeyOfId(id)],
    compare: (value, found) => compareWith('session', value, session.lookUps(value), found, fromSessionItem),
    async remove(value, found) {
      for (const key of session.lookUps(value)) {
        const item = found(key);
        if (item !== undefined) await sessions.delete(text(item, 'session_id'));
      }
    },
    create: (value) => sessions.create(value),
    read: fromSessionItem,
  };

  const apiKey: PortableStore<'api_key'> = {
    lookUps: ({ id, userId, keyHash }) => [apiKeyKeyOfHash(keyHash), apiKeyKeyOfId(userId, id)],
    compare: (value, found) => compareWith('api_key', value, apiKey.lookUps(value), found, fromApiKeyItem),
    async remove(value, found) {
      for (const key of apiKey.lookUps(value)) {
        const item = found(key);
        if (item !== undefined) await apiKeys.delete(text(item, 'user_id'), text(item, 'key_id'));
      }
    },
    create: (value) => apiKeys.create(value),
    read: fromApiKeyItem,
  };

  const link: PortableStore<'playback_link'> = {
    lookUps: ({ id }) => [linkKeyOfId(id)],
    compare: (value, found) => compareWith('playback_link', value, link.lookUps(value), found, fromLinkItem),
    async remove({ id }, found) {
      const item = found(linkKeyOfId(id));
      if (item !== undefined) await links.delete(fromLinkItem(item), id);
    },
    create: (value) => links.create(value),
    read: fromLinkItem,
  };

  const position: PortableStore<'position'> = {
    lookUps: (value) => [positionKey(value)],
    compare: (value, found) => compareWith('position', value, [positionKey(value)], found, toPosition),
    // To save replaces what is there.
    remove: async () => undefined,
    create: (value) =>
      positions.save(value, { positionMs: value.positionMs, updatedAtMs: value.updatedAtMs }),
    read: toPosition,
  };

  const setting: PortableStore<'setting'> = {
    lookUps: ({ key }) => [settingKey(key)],
    compare: (value, found) => compareWith('setting', value, [settingKey(value.key)], found, toSetting),
    remove: async () => undefined,
    create: ({ key, value }) => settings.save(key, value),
    read: toSetting,
  };

  const retiredObject: PortableStore<'retired_object'> = {
    lookUps: ({ key }) => [retiredKey(key)],
    compare: (value, found) =>
      compareWith('retired_object', value, [retiredKey(value.key)], found, toRetiredObject),
    remove: ({ key }) => retired.remove(key),
    create: (value) => retired.add(value),
    read: toRetiredObject,
  };

  return { session, api_key: apiKey, playback_link: link, position, setting, retired_object: retiredObject };
}

const POSITION = /^(?:TENANT#([^#]+)#)?POSITION#(file|stream)#(.+)$/s;

function toPosition(item: Item): PortableValues['position'] {
  const [, tenantId = DEFAULT_TENANT, kind = '', name = ''] = POSITION.exec(text(item, 'PK')) ?? [];
  return {
    tenantId,
    userId: text(item, 'user_id'),
    kind: kind as PositionTarget['kind'],
    name,
    positionMs: number(item, 'position_ms'),
    updatedAtMs: dateMs(item, 'updated_at'),
  };
}

const toSetting = (item: Item): PortableValues['setting'] => ({
  key: text(item, 'PK').slice('SETTING#'.length),
  value: text(item, 'value'),
});

const toRetiredObject = (item: Item): PortableValues['retired_object'] => ({
  key: text(item, 'object_key'),
  sweepAtMs: number(item, 'sweep_at_ms'),
});
