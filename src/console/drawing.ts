/**
 * A picture that stands in a page as it was drawn, the only markup that
 * templates let through. What could run or load anything is refused.
 */
export class Drawing {
  readonly svg: string

  constructor(svg: string) {
    if (/<(script|style|foreignobject|a|image|use|iframe)\b/i.test(svg)) {
      throw new Error('A drawing holds an element that it must not hold.')
    }
    if (/\s(on\w+|style|href|src)\s*=/i.test(svg)) {
      throw new Error('A drawing holds an attribute that it must not hold.')
    }
    this.svg = svg
  }
}
