import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import type { PlaybackLink, PlaybackLinkStore, PlaybackTarget } from '../../domain/credentials.ts';
import { pageInOrder } from './sorted-page.ts';

export function createMemoryPlaybackLinkStore(clock: Clock): PlaybackLinkStore {
  const links = new Map<string, PlaybackLink>();
  const isAlive = (link: PlaybackLink): boolean =>
    link.expiresAtMs === undefined || link.expiresAtMs > clock();

  return {
    async find(id) {
      const link = links.get(id);
      return link !== undefined && isAlive(link) ? link : null;
    },

    async listByTarget(target, page) {
      const ofTarget = [...links.values()].filter((link) => opens(link, target) && isAlive(link));
      return pageInOrder(ofTarget, (link) => [-link.createdAtMs, link.id], page);
    },

    async create(link) {
      if (links.has(link.id)) throw new AppError('already_exists', 'There is already such a playback link.');
      links.set(link.id, link);
    },

    async delete(target, id) {
      const link = links.get(id);
      if (link === undefined || !opens(link, target)) return false;
      links.delete(id);
      return isAlive(link);
    },

    async deleteByTarget(target) {
      for (const link of [...links.values()]) if (opens(link, target)) links.delete(link.id);
    },

    async deleteExpired(nowMs, limit) {
      const isExpired = ({ expiresAtMs = Infinity }) => expiresAtMs <= nowMs;
      const expired = [...links.values()].filter(isExpired).slice(0, limit);
      for (const { id } of expired) links.delete(id);
      return expired.length;
    },
  };
}

const opens = (link: PlaybackLink, target: PlaybackTarget): boolean =>
  link.kind === target.kind && link.tenantId === target.tenantId && link.name === target.name;
