import { QueryClient } from '@tanstack/react-query';
import { Problem } from './problem.ts';

const RETRIES = 2;

/** Asked again is what may pass: not what was refused. */
const mayPass = (error: Error): boolean =>
  error instanceof Problem && (error.code === 'offline' || error.status >= 500);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The server may be on this machine or in this house: whether there is an internet says nothing about it.
      networkMode: 'always',
      staleTime: 5_000,
      retry: (failures, error) => failures < RETRIES && mayPass(error),
    },
    mutations: { networkMode: 'always' },
  },
});
