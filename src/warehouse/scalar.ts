import { DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api'
import { asError, PipelineError } from '../error.js'

export type TextFunction = (...args: (string | null)[]) => string | null

/**
 * A pure function on texts as an SQL function. Where an argument is null the
 * result is null and the function is not called, as SQL's own functions do.
 * DuckDB puts the message of a throw into its error, so a thrown error is
 * named by its kind only: the message could quote a lead's value. Our own
 * errors never do.
 */
export function textFunction(
  name: string,
  argCount: number,
  compute: TextFunction,
): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name,
    returnType: VARCHAR,
    parameterTypes: Array.from({ length: argCount }, () => VARCHAR),
    mainFunction: (_info, input, output) => {
      const columns = Array.from({ length: argCount }, (_, index) =>
        input.getColumnVector(index),
      )
      for (let row = 0; row < input.rowCount; row += 1) {
        const args = columns.map((column) => asText(column.getItem(row)))
        output.setItem(row, args.includes(null) ? null : call(args))
      }
      output.flush()
    },
  })

  function call(args: (string | null)[]): string | null {
    try {
      return compute(...args)
    } catch (thrown) {
      if (thrown instanceof PipelineError) throw thrown
      // oxlint-disable-next-line preserve-caught-error -- the cause may quote a lead
      throw new Error(`${name}() failed with ${asError(thrown).name}`)
    }
  }
}

function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
