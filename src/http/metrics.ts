import type { FastifyInstance, FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Ports } from '../services/ports.ts';
import { countOpenRequests, onFinished } from './finished-request.ts';
import { createRealTimeMetrics, type RealTimeCounters } from './real-time-metrics.ts';
import { registerRequestMetrics } from './request-metrics.ts';
import { registerSpeechMetrics } from './speech-metrics.ts';
import './route-config.ts';

export interface Metrics {
  /** The text of `GET /metrics` and its content type. */
  readonly read: () => Promise<{ contentType: string; text: string }>;
  /** For those who hold connections over which requests are watched. */
  readonly realTime: RealTimeCounters;
}

/** Of the process, whose observers must exist once, however many apps there are. */
let processMetrics: Registry | null = null;

function processRegistry(): Registry {
  if (processMetrics === null) {
    processMetrics = new Registry();
    collectDefaultMetrics({ register: processMetrics });
  }
  return processMetrics;
}

/**
 * Counts what the app does. Labels are route patterns, methods, statuses and registered actions, never names or
 * addresses, so that their number is bounded.
 */
export function registerMetrics(
  app: FastifyInstance,
  ports: Pick<Ports, 'queue' | 'pieces' | 'hub' | 'actions' | 'clock' | 'speechTally'>,
): Metrics {
  const register = new Registry();
  const registers = [register];
  const duration = new Histogram({
    name: 'earshot_http_request_duration_seconds',
    help: 'From the head of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600],
    registers,
  });
  const played = new Counter({
    name: 'earshot_playback_sent_bytes_total',
    help: 'Bytes sent by playback routes.',
    labelNames: ['route'],
    registers,
  });
  new Gauge({
    name: 'earshot_http_open_requests',
    help: 'Requests that are being answered, endless streams among them.',
    registers,
    collect() {
      this.set(countOpenRequests(app));
    },
  });
  new Gauge({
    name: 'earshot_http_open_connections',
    help: 'Connections that are open, idle ones among them.',
    registers,
    async collect() {
      this.set(await countConnections(app));
    },
  });
  new Gauge({
    name: 'earshot_piece_cache_bytes',
    help: 'Audio held in memory for listeners.',
    registers,
    collect() {
      this.set(ports.pieces.sizeBytes);
    },
  });
  onFinished(app, ({ request, reply, ms, sentBytes }) => {
    const route = routeLabel(request);
    duration.observe({ method: request.method, route, status: reply.statusCode }, ms / 1000);
    if (request.routeOptions.config.playback === true) played.inc({ route }, sentBytes);
  });
  registerSpeechMetrics(ports, registers);
  const endCounting = registerRequestMetrics(ports, registers);
  app.addHook('onClose', async () => endCounting());
  return {
    realTime: createRealTimeMetrics(registers),
    read: async () => {
      const texts = await Promise.all([register.metrics(), processRegistry().metrics()]);
      return { contentType: register.contentType, text: texts.join('\n') };
    },
  };
}

const routeLabel = (request: FastifyRequest): string => request.routeOptions.url ?? 'none';

function countConnections(app: FastifyInstance): Promise<number> {
  return new Promise((resolve, reject) => {
    app.server.getConnections((error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}
