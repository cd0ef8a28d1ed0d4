import type { Compilable, CompiledQuery } from 'kysely'
import type { Db } from './database.ts'

/** Stands for a parameter while a query is compiled. */
class Placeholder {
  readonly index: number

  constructor(index: number) {
    this.index = index
  }
}

/**
 * A query that is compiled once for each database and then only executed: compiling is a third of
 * what a small query costs. `build` gets a placeholder for each parameter and uses it as a value.
 */
export function compiled<Parameters extends readonly unknown[], Result>(
  build: (db: Db, ...parameters: Parameters) => Compilable<Result>,
): (db: Db, ...parameters: Parameters) => Promise<Result[]> {
  const compiledFor = new WeakMap<Db, CompiledQuery<Result>>()

  return async (db, ...parameters) => {
    let query = compiledFor.get(db)
    if (!query) {
      const placeholders = parameters.map((_, index) => new Placeholder(index))
      query = build(db, ...(placeholders as unknown as Parameters)).compile()
      compiledFor.set(db, query)
    }

    const { rows } = await db.executeQuery<Result>({
      ...query,
      parameters: query.parameters.map((value) =>
        value instanceof Placeholder ? parameters[value.index] : value,
      ),
    })
    return rows
  }
}
