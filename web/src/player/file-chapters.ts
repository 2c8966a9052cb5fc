import { api } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import type { FileInfo } from '../api/types.ts';

/** @returns none where they cannot be told: it plays without its chapters */
export async function findChapters(filename: string): Promise<FileInfo['chapters']> {
  try {
    const { data } = await api.GET('/api/audio/{filename}/info', { params: { path: { filename } } });
    return data?.chapters ?? [];
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}
