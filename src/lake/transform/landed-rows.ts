import type { TableShape } from '../../schema/column.ts';
import { identifier, identifiers } from '../../schema/sql.ts';
import type { Duck } from '../engine/duck.ts';

/**
 * Which versions of which rows a load has landed: a first load compares nothing with the lake, but reads some of it
 * twice. 8 bytes a row, which DuckDB spills when they grow beyond its memory.
 */
export class LandedRows {
  readonly #duck: Duck;
  readonly #loadId: string;
  readonly #tables = new Set<string>();

  constructor(duck: Duck, loadId: string) {
    this.#duck = duck;
    this.#loadId = loadId;
  }

  /** The relation of those rows that may have landed before: an equal hash says so. Undefined when there are none. */
  async among(table: TableShape, rows: string): Promise<string | undefined> {
    const known = this.#name(table);
    if (!this.#tables.has(known)) return undefined;
    // The few new hashes are the table that is built, the many known ones go by.
    const again = `SELECT h FROM ${known} WHERE h IN (SELECT ${hashOf(table)} FROM ${rows})`;
    const [found] = await this.#duck.rows(`SELECT count(*)::INTEGER AS n FROM (${again})`);
    if (Number(found!['n']) === 0) return undefined;
    const repeated = identifier(`again_${table.name}`);
    await this.#duck.run(`CREATE OR REPLACE TEMP TABLE ${repeated} AS ${again}`);
    return `(SELECT * FROM ${rows} WHERE ${hashOf(table)} IN (SELECT h FROM ${repeated}))`;
  }

  async add(table: TableShape, rows: string): Promise<void> {
    const known = this.#name(table);
    if (!this.#tables.has(known)) await this.#duck.run(`CREATE OR REPLACE TEMP TABLE ${known} (h UBIGINT)`);
    this.#tables.add(known);
    await this.#duck.run(`INSERT INTO ${known} SELECT ${hashOf(table)} FROM ${rows}`);
  }

  async forget(): Promise<void> {
    for (const known of this.#tables) await this.#duck.run(`DROP TABLE IF EXISTS ${known}`);
    this.#tables.clear();
  }

  #name(table: TableShape): string {
    return identifier(`landed_${this.#loadId}_${table.name}`);
  }
}

const hashOf = (table: TableShape): string => `hash(${identifiers(table.primaryKey)}, _version)`;
