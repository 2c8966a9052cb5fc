import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { accept } from './accept.ts';
import type { Options } from './options.ts';

type Keys = readonly [partition: string, sort?: string];

interface Layout {
  readonly key: Keys;
  readonly indexes: Readonly<Record<string, Keys>>;
  readonly timeToLive: string;
}

/** As src/adapters/dynamodb/table-definition.ts has them: a test compares the two. */
const LAYOUTS = {
  records: {
    key: ['PK', 'SK'],
    indexes: { GSI1: ['GSI1PK', 'GSI1SK'], GSI2: ['GSI2PK', 'GSI2SK'], GSI3: ['GSI3PK', 'GSI3SK'] },
    timeToLive: 'expires_at',
  },
  requests: {
    key: ['RequestID'],
    indexes: {
      ConnectionIndex: ['ConnectionID', 'CreatedAt'],
      StatusIndex: ['Status', 'CreatedAt'],
      UserIndex: ['UserID', 'CreatedAt'],
    },
    timeToLive: 'TTL',
  },
  connections: {
    key: ['ConnectionID'],
    indexes: { UserIndex: ['UserID'], TenantIndex: ['TenantID'] },
    timeToLive: 'TTL',
  },
  subscriptions: {
    key: ['SubscriptionID'],
    indexes: { ConnectionIndex: ['ConnectionID'], RequestIndex: ['RequestID'] },
    timeToLive: 'TTL',
  },
} as const satisfies Record<string, Layout>;

export type TableNoun = keyof typeof LAYOUTS;

export interface EarshotTable {
  readonly noun: TableNoun;
  readonly name: string;
  readonly arn: string;
  readonly isAdopted: boolean;
}

/** The four tables, made or adopted. */
export class Tables extends Construct {
  readonly all: Readonly<Record<TableNoun, EarshotTable>>;
  /** What the worker is started by. */
  readonly requestsStreamArn: string;

  constructor(scope: Construct, id: string, options: Options) {
    super(scope, id);
    const { names, adopt } = options;
    const requests = adopt.realTime === undefined ? this.#make('requests', options) : undefined;
    this.requestsStreamArn = adopt.realTime?.requestsStreamArn ?? streamArnOf(requests);
    const realTime = (noun: 'connections' | 'subscriptions') =>
      adopt.realTime === undefined ? made(noun, this.#make(noun, options)) : this.#adopt(noun, names[noun]);
    this.all = {
      records: adopt.records
        ? this.#adopt('records', names.records)
        : made('records', this.#make('records', options)),
      requests: requests === undefined ? this.#adopt('requests', names.requests) : made('requests', requests),
      connections: realTime('connections'),
      subscriptions: realTime('subscriptions'),
    };
  }

  #make(noun: TableNoun, { environment, names }: Options): Table {
    const isProduction = environment === 'prod';
    const { key, indexes, timeToLive }: Layout = LAYOUTS[noun];
    const table = new Table(this, noun[0]?.toUpperCase() + noun.slice(1), {
      tableName: names[noun],
      ...keysOf(key),
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: timeToLive,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: isProduction },
      deletionProtection: isProduction,
      removalPolicy: isProduction ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(noun === 'requests' && { stream: StreamViewType.NEW_IMAGE }),
    });
    for (const [indexName, keys] of Object.entries(indexes)) {
      table.addGlobalSecondaryIndex({ indexName, ...keysOf(keys) });
    }
    if (!isProduction) {
      accept(
        table,
        'AwsSolutions-DDB3',
        'Development is removed with its stack, and holds nothing that must come back.',
      );
    }
    return table;
  }

  #adopt(noun: TableNoun, name: string): EarshotTable {
    const arn = Stack.of(this).formatArn({ service: 'dynamodb', resource: 'table', resourceName: name });
    return { noun, name, arn, isAdopted: true };
  }
}

const made = (noun: TableNoun, table: Table): EarshotTable => ({
  noun,
  name: table.tableName,
  arn: table.tableArn,
  isAdopted: false,
});

function streamArnOf(table: Table | undefined): string {
  if (table?.tableStreamArn === undefined)
    throw new Error('The table of requests was made without a stream.');
  return table.tableStreamArn;
}

const keysOf = ([partition, sort]: Keys) => ({
  partitionKey: { name: partition, type: AttributeType.STRING },
  ...(sort !== undefined && { sortKey: { name: sort, type: AttributeType.STRING } }),
});
