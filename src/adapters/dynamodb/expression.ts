/** What an attribute holds. Sets are of strings; `undefined` is left out. */
export type Value =
  | string
  | number
  | boolean
  | null
  | undefined
  | Uint8Array
  | ReadonlySet<string>
  | readonly Value[]
  | { readonly [name: string]: Value };

/** What must hold of an item; of a key, for a query. */
export type Condition =
  | { readonly kind: 'absent' | 'present'; readonly name: string }
  | {
      readonly kind: 'compare';
      readonly name: string;
      readonly by: '=' | '<>' | '<' | '<=' | '>' | '>=';
      readonly value: Value;
    }
  | { readonly kind: 'begins'; readonly name: string; readonly prefix: string }
  | { readonly kind: 'contains'; readonly name: string; readonly element: string }
  | { readonly kind: 'between'; readonly name: string; readonly low: Value; readonly high: Value }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] };

export const absent = (name: string): Condition => ({ kind: 'absent', name });
export const present = (name: string): Condition => ({ kind: 'present', name });
export const begins = (name: string, prefix: string): Condition => ({ kind: 'begins', name, prefix });
/** Of a list or set. */
export const contains = (name: string, element: string): Condition => ({ kind: 'contains', name, element });
export const all = (...of: readonly Condition[]): Condition => ({ kind: 'all', of });
export const any = (...of: readonly Condition[]): Condition => ({ kind: 'any', of });
export const compare = (
  name: string,
  by: Extract<Condition, { kind: 'compare' }>['by'],
  value: Value,
): Condition => ({ kind: 'compare', name, by, value });
export const equal = (name: string, value: Value): Condition => compare(name, '=', value);
export const between = (name: string, low: Value, high: Value): Condition => ({
  kind: 'between',
  name,
  low,
  high,
});

/** What an update does to an item. */
export interface Change {
  readonly set?: Readonly<Record<string, Value>> | undefined;
  readonly remove?: readonly string[] | undefined;
  /** To a number, which counts as 0 where it is absent. */
  readonly add?: Readonly<Record<string, number>> | undefined;
}

export interface ExpressionParts {
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, Value>;
}

/**
 * The names and values of one request's expressions. Every name goes through an alias: `size`, `duration` and five
 * hundred others are reserved words, and tomorrow others may be.
 */
export class Expressions {
  readonly #names = new Map<string, string>();
  readonly #values: Value[] = [];

  /** As DynamoDB writes it. */
  condition(condition: Condition): string {
    switch (condition.kind) {
      case 'absent':
        return `attribute_not_exists(${this.#name(condition.name)})`;
      case 'present':
        return `attribute_exists(${this.#name(condition.name)})`;
      case 'compare':
        return `${this.#name(condition.name)} ${condition.by} ${this.#value(condition.value)}`;
      case 'begins':
        return `begins_with(${this.#name(condition.name)}, ${this.#value(condition.prefix)})`;
      case 'contains':
        return `contains(${this.#name(condition.name)}, ${this.#value(condition.element)})`;
      case 'between': {
        const { low, high } = condition;
        return `${this.#name(condition.name)} BETWEEN ${this.#value(low)} AND ${this.#value(high)}`;
      }
      case 'all':
      case 'any': {
        const parts = condition.of.map((one) => this.condition(one));
        const joined = parts.join(condition.kind === 'all' ? ' AND ' : ' OR ');
        return parts.length > 1 && condition.kind === 'any' ? `(${joined})` : joined;
      }
    }
  }

  change({ set = {}, remove = [], add = {} }: Change): string {
    const sets = Object.entries(set).map(([name, value]) => `${this.#name(name)} = ${this.#value(value)}`);
    const adds = Object.entries(add).map(([name, value]) => `${this.#name(name)} ${this.#value(value)}`);
    const removes = remove.map((name) => this.#name(name));
    return [
      sets.length > 0 ? `SET ${sets.join(', ')}` : '',
      removes.length > 0 ? `REMOVE ${removes.join(', ')}` : '',
      adds.length > 0 ? `ADD ${adds.join(', ')}` : '',
    ]
      .filter((clause) => clause !== '')
      .join(' ');
  }

  projection(names: readonly string[]): string {
    return names.map((name) => this.#name(name)).join(', ');
  }

  /** The names alone, for reads: some refuse values. */
  get names(): Pick<ExpressionParts, 'ExpressionAttributeNames'> {
    const { ExpressionAttributeNames } = this.parts;
    return ExpressionAttributeNames === undefined ? {} : { ExpressionAttributeNames };
  }

  /** To be spread into the request; without what is not used, which DynamoDB refuses. */
  get parts(): ExpressionParts {
    return {
      ...(this.#names.size > 0 && {
        ExpressionAttributeNames: Object.fromEntries([...this.#names].map(([name, alias]) => [alias, name])),
      }),
      ...(this.#values.length > 0 && {
        ExpressionAttributeValues: Object.fromEntries(
          this.#values.map((value, place) => [`:v${place}`, value]),
        ),
      }),
    };
  }

  #name(name: string): string {
    const alias = this.#names.get(name) ?? `#n${this.#names.size}`;
    this.#names.set(name, alias);
    return alias;
  }

  #value(value: Value): string {
    this.#values.push(value);
    return `:v${this.#values.length - 1}`;
  }
}
